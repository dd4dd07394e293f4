/** The page: asks the service for what is shown, and has it shown in the language chosen. */

import { byId } from "./browser.js";
import { showChart } from "./chart.js";
import { servedElements, showData, showNotices } from "./data.js";
import { offerLanguages } from "./language.js";
import { monthRows } from "./months.js";
import { showNextMonth } from "./next_month.js";
import { section, showProblem } from "./problems.js";
import { getJson, postJson } from "./service.js";
import { offerCsv, showTable } from "./table.js";
import { evaluated, recordElements } from "./track_record.js";
import { offerWhatIf, showWhatIf } from "./what_if.js";
import { markWhatIf } from "./what_if_form.js";

const main = byId("main");
let [language, published, history, whatIf, problem] = [null, null, null, null, null];
let sections = [];

async function load() {
  main.dataset.state = "loading";
  try {
    [published, history] = await Promise.all([
      postJson("forecast", {}),
      getJson("history?horizon=1"),
    ]);
    offerEverything();
  } catch (error) {
    problem = error;
  }
  show();
}

function offerEverything() {
  problem = null;
  sections = [
    section(byId("record"), { ask: () => evaluated(history), show: recordElements }),
    section(byId("served"), { ask: () => getJson("models"), show: servedElements }),
  ];
  offerWhatIf(published, (changed) => {
    whatIf = changed;
    showForecast();
  });
  offerCsv(() => ({
    rows: rowsShown(),
    forecast: forecastShown(),
    published,
    isWhatIf: whatIf !== null,
    language,
  }));
}

function show() {
  if (!language) return;
  if (problem) {
    showProblem(problem, language);
    main.dataset.state = "problem";
  } else if (published) {
    showNotices(published, language);
    showData({ published, history }, language);
    showWhatIf(language);
    showForecast();
    for (const showSection of sections) showSection(language);
  }
}

function showForecast() {
  showNextMonth(forecastShown(), whatIf !== null, language);
  showTable(forecastShown(), language);
  markWhatIf(whatIf, language);
  main.dataset.state = "ready";
  performance.mark("number-shown");
  showChart({ rows: rowsShown(), published: whatIf && published }, language);
}

function forecastShown() {
  return whatIf ? whatIf.forecast : published;
}

function rowsShown() {
  return monthRows(history, forecastShown(), whatIf ? whatIf.observations : []);
}

byId("retry").addEventListener("click", load);
offerLanguages((chosen) => {
  language = chosen;
  show();
});
load();
