import { TriangleAlert } from "lucide-react";
import { checksOf } from "@/features/settings/channels/checks";
import type { Channel, Setup } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { CopyField } from "@/features/settings/parts/copy-field";
import { useT, type TextKey } from "@/lib/i18n";

const WHERE: Record<"wmsg" | "sms" | "meta", readonly TextKey[]> = {
  meta: ["settings.meta_where_1", "settings.meta_where_2", "settings.meta_where_3"],
  wmsg: ["settings.twilio_wmsg_1", "settings.twilio_wmsg_2", "settings.twilio_wmsg_3", "settings.twilio_save"],
  sms: ["settings.twilio_sms_1", "settings.twilio_sms_2", "settings.twilio_sms_3", "settings.twilio_save"],
};

/** What to paste at the carrier, and where to click there. */
export function WebhookAddresses({ channel, setup }: { channel: Channel; setup: Setup }) {
  const t = useT();
  const atMeta = channel.carrier === "meta";
  const steps = WHERE[atMeta ? "meta" : channel.channel === "sms" ? "sms" : "wmsg"];
  return (
    <Card title={t(atMeta ? "settings.meta_addresses_title" : "settings.addresses_title")} description={t(atMeta ? "settings.meta_addresses_text" : "settings.addresses_text")}>
      {checksOf(setup).public === "bad" && (
        <p className="flex items-start gap-2 rounded-md bg-warning-soft px-3 py-2 text-warning">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span className="min-w-0">{setup.public_reason ?? t("settings.check_public_bad")}</span>
        </p>
      )}
      <ol className="flex list-decimal flex-col gap-1 ps-5">
        {steps.map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
      </ol>
      {atMeta ? (
        <>
          <CopyField label={t("settings.meta_callback_url")} value={setup.webhook_url} />
          <CopyField label={t("settings.meta_verify_token")} value={setup.verify_token ?? ""} description={t("settings.meta_verify_token_hint")} />
        </>
      ) : (
        <>
          <CopyField label={t("settings.webhook_url", { method: setup.method })} value={setup.webhook_url} />
          <CopyField label={t("settings.status_url", { method: setup.method })} value={setup.status_url} description={t("settings.status_url_hint")} />
        </>
      )}
      {channel.channel === "wmsg" && !atMeta && <p className="text-sm text-muted">{t("settings.twilio_sandbox_hint")}</p>}
    </Card>
  );
}
