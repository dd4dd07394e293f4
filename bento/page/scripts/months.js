/** Months, written as the service writes them: "2021-03". */

export function dateOf(month) {
  return new Date(`${month}-01T00:00:00Z`);
}

export function monthAfter(month, months = 1) {
  const date = dateOf(month);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.toISOString().slice(0, 7);
}

export function monthsBetween(earlier, later) {
  const [from, to] = [dateOf(earlier), dateOf(later)];
  const years = to.getUTCFullYear() - from.getUTCFullYear();
  return 12 * years + to.getUTCMonth() - from.getUTCMonth();
}

export function thisMonth() {
  const today = new Date();
  return `${today.getFullYear()}-${String(today.getMonth() + 1).padStart(2, "0")}`;
}
