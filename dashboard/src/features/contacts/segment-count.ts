import type { SegmentDetail } from "@/api/campaign-types";
import type { Translate } from "@/lib/i18n";

/** "1,204 contacts", "more than 10,000"; nothing where the server did not count. */
export function countText({ count, more }: SegmentDetail, t: Translate): string {
  if (count === null) return "";
  return more ? t("audience.count_more", { count }) : t("audience.count", { count });
}
