/** What is known of each recipient: our own fields, and the file's columns. */
import type { Campaign } from "@/api/campaign-types";
import { OF_EVERYBODY } from "@/features/campaigns/variables";

export function columnsOf({ source, mapping, columns }: Pick<Campaign, "source" | "mapping" | "columns">): string[] {
  const ours = OF_EVERYBODY.filter((each) => source !== "csv" || mapping[each] !== undefined);
  return [...new Set([...ours, ...columns])];
}
