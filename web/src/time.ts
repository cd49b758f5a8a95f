/** A time in the reader's language, as clocks in China show it. */
export function shanghaiTime(time: string): string {
  const language = document.documentElement.lang || "zh-CN";
  return new Intl.DateTimeFormat(language, { timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "medium" }).format(Date.parse(time));
}
