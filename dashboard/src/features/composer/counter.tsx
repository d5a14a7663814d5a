import type { Limits } from "@/api/types";
import { plan } from "@/features/composer/message-plan";
import { segments } from "@/features/composer/sms-segments";
import type { UploadItem } from "@/features/uploads/upload-store";
import { useT } from "@/lib/i18n";

/** Shown from this share of the limit on. */
const NEAR = 0.8;

/** Characters that are left, and into how many messages the text will be cut. */
export function Counter({ text, files, limits }: { text: string; files: readonly UploadItem[]; limits: Limits }) {
  const t = useT();
  const planned = plan(text, files.filter((file) => file.state !== "refused"), limits);
  const sms = limits.channel === "sms" && text.trim() !== "" ? segments(text.trim()) : null;
  const isMany = planned.messages > 1;
  const isNear = planned.characters > planned.limit * NEAR;
  if (!sms && !isMany && !isNear) return null;
  const words = [
    isNear && !isMany && t("composer.count_of", { count: planned.characters, limit: planned.limit }),
    isMany && t("composer.count_messages", { count: planned.messages }),
    sms && t("composer.count_segments", { count: sms.parts, left: sms.left, encoding: sms.encoding }),
  ].filter(Boolean);
  const title = sms ? t(sms.encoding === "UCS-2" ? "composer.count_ucs2" : "composer.count_gsm") : t("composer.count_split", { limit: planned.limit });
  return (
    <span title={title} className={planned.textMessages > 1 || (sms?.parts ?? 0) > 1 ? "truncate text-warning" : "truncate"}>
      {words.join(" · ")}
    </span>
  );
}
