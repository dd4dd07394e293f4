/** Numbers, months and times as a locale writes them. */

import { dateOf } from "./months.js";

const MINUS = "\u2212";

/** Give the functions that write them. */
export function formatsIn(locale) {
  const number = (options) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value) => format.format(value).replace("-", MINUS);
  };
  const date = (options) => new Intl.DateTimeFormat(locale, options);
  const oneDecimal = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
  const signed = { signDisplay: "exceptZero" };

  const count = (unit) => number({ style: "unit", unit, unitDisplay: "long" });
  const [years, months] = [count("year"), count("month")];
  const list = new Intl.ListFormat(locale);
  const month = date({ month: "long", year: "numeric", timeZone: "UTC" });
  const shortMonth = date({ month: "short", year: "numeric", timeZone: "UTC" });
  const time = date({ dateStyle: "long", timeStyle: "short" });

  return {
    price: number(oneDecimal),
    roundPrice: number({ maximumFractionDigits: 1 }),
    change: number({ ...oneDecimal, ...signed }),
    percent: number({ style: "percent", maximumFractionDigits: 0 }),
    percentChange: number({ style: "percent", ...oneDecimal, ...signed }),
    month: (value) => month.format(dateOf(value)),
    shortMonth: (value) => shortMonth.format(dateOf(value)),
    time: (value) => time.format(new Date(value)),
    age: (value) => {
      const [wholeYears, rest] = [Math.floor(value / 12), value % 12];
      return list.format([
        ...(wholeYears ? [years(wholeYears)] : []),
        ...(rest || !wholeYears ? [months(rest)] : []),
      ]);
    },
  };
}
