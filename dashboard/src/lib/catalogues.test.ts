import { expect, test } from "vitest";
import { LANGUAGES } from "@/lib/i18n";

type Texts = Record<string, string>;
const files = import.meta.glob<Texts>("../i18n/*/*.json", { import: "default", eager: true });
const of = (language: string): [string, Texts][] =>
  Object.entries(files).flatMap(([path, texts]) => {
    const [, , spoken, file] = path.split("/");
    return spoken === language && file !== undefined ? [[file, texts] as [string, Texts]] : [];
  });
const english = new Map(of("en"));
const baseOf = (key: string): string => key.split("#")[0] ?? key;
const bases = (texts: Texts): string[] => [...new Set(Object.keys(texts).map(baseOf))].sort();
/** A form for one or none may leave the number out. */
const placesOf = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").filter((name) => name !== "count").sort();

test.each(Object.keys(LANGUAGES))("%s has each text that there is in English, and none besides", (language) => {
  const catalogues = of(language);
  expect(catalogues.map(([file]) => file)).toEqual([...english.keys()]);
  for (const [file, texts] of catalogues) expect(bases(texts), file).toEqual(bases(english.get(file) ?? {}));
});

test.each(Object.keys(LANGUAGES))("%s has the forms that its counts take, and the places that English has", (language) => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const [file, texts] of of(language)) {
    const base = english.get(file) ?? {};
    for (const [key, text] of Object.entries(texts)) {
      const [name, form] = key.split("#");
      if (form !== undefined) {
        expect(forms, `${file} ${key}`).toContain(form);
        expect(texts, `${file} ${key}`).toHaveProperty(`${name ?? ""}#other`);
      }
      expect(placesOf(text), `${file} ${key}`).toEqual(placesOf(base[key] ?? base[`${name ?? ""}#other`] ?? ""));
    }
  }
});
