import { describe, expect, it } from "vitest";
import { fill, problems, type VariableValues } from "@/features/composer/variables";

const VALUES: VariableValues = {
  contact: { name: "Ana María Ruiz", phone: "+34600000001", email: "", attributes: { plan: "gold", constructor: "x" } },
  agent: { name: "Ben Okri" },
  business: { name: "Green Shop" },
};

describe("variables of canned replies", () => {
  it("are filled in", () => {
    const text = "Hi {{contact.first_name}} ({{ contact.name }}, {{contact.phone}}), {{agent.first_name}} of {{business.name}}; {{contact.attributes.plan}}";
    expect(fill(text, VALUES)).toBe("Hi Ana (Ana María Ruiz, +34600000001), Ben of Green Shop; gold");
    expect(problems(fill(text, VALUES), VALUES)).toEqual([]);
  });
  it("stay to be seen where the contact has none", () => {
    const text = fill("Mail {{contact.email}}.", VALUES);
    expect(text).toBe("Mail {{contact.email}}.");
    expect(problems(text, VALUES)).toEqual([{ start: 5, end: 22, name: "contact.email", reason: "empty" }]);
  });
  it("are told as unknown where there is no such variable", () => {
    expect(problems("{{order.number}} {{contact.toString}}", VALUES).map((each) => each.reason)).toEqual(["unknown", "unknown"]);
    expect(problems("{{}}", VALUES)).toHaveLength(1);
  });
  it("read attributes only as the contact has them", () => {
    expect(fill("{{contact.attributes.toString}}", VALUES)).toBe("{{contact.attributes.toString}}");
    expect(problems("{{contact.attributes.toString}}", VALUES)[0]?.reason).toBe("empty");
  });
  it("put in a value as it is, without reading it again", () => {
    const odd = { ...VALUES, agent: { name: "{{contact.name}} $& $1" } };
    expect(fill("{{agent.name}}", odd)).toBe("{{contact.name}} $& $1");
  });
});
