import { Inbox } from "lucide-react";
import { expect, it } from "vitest";
import { type Command, matching } from "@/features/command-bar/commands";

const command = (label: string, keywords?: string): Command => ({ id: label, group: "", label, icon: Inbox, keywords, run: () => undefined });
const commands = [command("Einstellungen: Kanäle"), command("Close", "done resolve"), command("Reclose later"), command("Later close")];
const found = (typed: string) => matching(commands, typed).map((each) => each.label);

it("finds by the beginnings of words, without case and accents, and by other names", () => {
  expect(found("kanale")).toEqual(["Einstellungen: Kanäle"]);
  expect(found("ein kan")).toEqual(["Einstellungen: Kanäle"]);
  expect(found("RESOL")).toEqual(["Close"]);
  expect(found("lose")).toEqual([]);
});

it("puts what begins with the words first, and everything for none", () => {
  expect(found("later")).toEqual(["Later close", "Reclose later"]);
  expect(found(" ")).toHaveLength(4);
});
