// JSON Schema for people: a type in a word, a shape to read, an example to send.

export class Schemas {
  constructor(description) {
    this.known = description.components?.schemas ?? {};
  }

  resolve(schema) {
    let found = schema ?? {};
    while (found.$ref) found = this.known[found.$ref.split("/").pop()] ?? {};
    return found;
  }

  /** `string`, `integer | null`, `"open" | "closed"`, `object[]`. */
  type(schema) {
    const found = this.resolve(schema);
    const choices = found.anyOf ?? found.oneOf;
    if (choices) return [...new Set(choices.map((choice) => this.type(choice)))].join(" | ");
    if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
    if (found.const !== undefined) return JSON.stringify(found.const);
    if (found.type === "array") return `${this.type(found.items)}[]`;
    return [found.format ?? found.type ?? "any"].flat().join(" | ");
  }

  /** The shape as lines of something like JSON, with types in place of values. */
  shape(schema, indent = "", seen = []) {
    const found = this.resolve(schema);
    if (seen.includes(found)) return "…";
    const deeper = [...seen, found];
    const choices = found.anyOf ?? found.oneOf;
    if (choices) return choices.map((choice) => this.shape(choice, indent, deeper)).join(" | ");
    if (found.type === "array") return `[${this.shape(found.items, indent, deeper)}]`;
    const fields = Object.entries(found.properties ?? {});
    if (fields.length) {
      const lines = fields.map(([name, field]) => `${indent}  "${name}": ${this.shape(field, `${indent}  `, deeper)}`);
      return `{\n${lines.join(",\n")}\n${indent}}`;
    }
    if (found.type === "object" && typeof found.additionalProperties === "object") {
      return `{"…": ${this.shape(found.additionalProperties, indent, deeper)}}`;
    }
    return this.type(found);
  }

  /** The schema's own example, else one made of its required and exemplified fields. */
  example(schema, seen = []) {
    const found = this.resolve(schema);
    if (found.examples?.length) return found.examples[0];
    if (found.default !== undefined) return found.default;
    if (seen.includes(found)) return {};
    const deeper = [...seen, found];
    const choice = (found.anyOf ?? found.oneOf)?.find((one) => one.type !== "null");
    if (choice) return this.example(choice, deeper);
    if (found.enum) return found.enum[0];
    if (found.const !== undefined) return found.const;
    if (found.type === "array") return [this.example(found.items, deeper)];
    if (found.properties) {
      const required = new Set(found.required ?? []);
      const shown = Object.entries(found.properties).filter(([name, field]) => required.has(name) || this.resolve(field).examples);
      return Object.fromEntries(shown.map(([name, field]) => [name, this.example(field, deeper)]));
    }
    return { string: "…", integer: 1, number: 1, boolean: true }[found.type] ?? {};
  }
}
