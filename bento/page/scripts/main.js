/** The page: asks the service for what is shown, and has it shown in the language chosen. */

import { showChart } from "./chart.js";
import { csvName, csvOf } from "./csv.js";
import { servedElements, showData } from "./data_facts.js";
import { download } from "./download.js";
import { showDrivers } from "./drivers.js";
import { byId } from "./elements.js";
import { showTable } from "./forecast_table.js";
import { showHeadline } from "./headline.js";
import { preferredLanguage } from "./language.js";
import { offerLanguages, switchTo } from "./language_switch.js";
import { monthRows } from "./month_rows.js";
import { showNotices } from "./notices.js";
import { onRetry, showProblem } from "./problem_panel.js";
import { section } from "./section.js";
import { getJson, postJson } from "./service.js";
import { evaluated, recordElements } from "./track_record.js";
import { offerWhatIf, showWhatIf } from "./what_if.js";
import { markWhatIf } from "./what_if_bar.js";

const main = byId("main");
let [language, published, history, whatIf, problem] = [null, null, null, null, null];
let sections = [];

async function load() {
  main.dataset.state = "loading";
  try {
    [published, history] = await Promise.all([
      postJson("/forecast", {}),
      getJson("/history?horizon=1"),
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
    section(byId("served"), { ask: () => getJson("/models"), show: servedElements }),
  ];
  offerWhatIf(published, (changed) => {
    whatIf = changed;
    showForecast();
  });
  byId("download").addEventListener("click", () =>
    download(csvName(published, whatIf), csvOf(rowsShown(), forecastShown())),
  );
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
  showHeadline(forecastShown(), whatIf, language);
  showDrivers(forecastShown(), language);
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

function speakAndShow(spoken) {
  language = spoken;
  show();
}

onRetry(load);
offerLanguages(speakAndShow);
switchTo(preferredLanguage(), speakAndShow);
load();
