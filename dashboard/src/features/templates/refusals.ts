/** A refusal of a template's variables, by the variable that it is about. */

/** The server names each as {{name}} or 'name'; of several in one text each has it. */
export function refusedValues(detail: string, names: readonly string[]): Partial<Record<string, string>> {
  const about = names.filter((name) => new RegExp(`(\\{\\{\\s*|['"“])${escaped(name)}(\\s*\\}\\}|['"”])`).test(detail));
  return Object.fromEntries(about.map((name) => [name, detail]));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
