import type { TextKey, Translate } from "@/lib/i18n";

const VIAS: Record<string, TextKey> = {
  customer: "audience.via_customer", carrier: "audience.via_carrier", person: "audience.via_person", import: "audience.via_import",
};

/** Who said so; what is not known is shown as it stands. */
export function viaText(via: string, t: Translate): string {
  const key = VIAS[via];
  return key ? t(key) : via;
}
