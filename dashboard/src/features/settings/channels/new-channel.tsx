import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { MessageCircle, MessageSquare } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { CredentialsFields, type CredentialsDraft } from "@/features/settings/channels/credentials-fields";
import { NewMetaChannel } from "@/features/settings/channels/new-meta-channel";
import { Steps } from "@/features/settings/channels/steps";
import type { Channel } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { SectionPage } from "@/features/settings/parts/section-page";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { UnsavedGuard } from "@/features/settings/parts/unsaved-guard";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

type Kind = "wmsg" | "sms";
type Choice = "wmsg" | "meta" | "sms";
const CHOICES = [
  { choice: "meta", kind: "wmsg", carrier: "Meta", icon: MessageCircle },
  { choice: "wmsg", kind: "wmsg", carrier: "Twilio", icon: MessageCircle },
  { choice: "sms", kind: "sms", carrier: "Twilio", icon: MessageSquare },
] as const;

/** The first two steps: which kind at which carrier, and which number. The others are the channel's own page. */
export function NewChannel() {
  const t = useT();
  const [choice, setChoice] = useState<Choice | null>(null);
  return (
    <SectionPage title={t("settings.channel_add")} description={t("settings.channel_add_text")} below="channels">
      <Steps at={choice ? 2 : 1} />
      {choice === "meta" ? (
        <NewMetaChannel onBack={() => setChoice(null)} />
      ) : choice ? (
        <NumberForm kind={choice} onBack={() => setChoice(null)} />
      ) : (
        <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {CHOICES.map(({ choice: each, kind, carrier, icon: Icon }) => (
            <button key={each} type="button" onClick={() => setChoice(each)} className="flex flex-col items-start gap-1 rounded-lg border border-outline/60 bg-surface p-4 text-start hover:border-accent hover:bg-hover">
              <Icon aria-hidden className="mb-1 size-6 text-accent-ink" />
              <span className="text-lg font-semibold">
                {t(`common.channel_${kind}`)} · <bdi>{carrier}</bdi>
              </span>
              <span className="text-muted">{t(`settings.kind_${each}_text`)}</span>
            </button>
          ))}
        </div>
      )}
    </SectionPage>
  );
}

function NumberForm({ kind, onBack }: { kind: Kind; onBack: () => void }) {
  const t = useT();
  const navigate = useNavigate();
  const [address, setAddress] = useState("");
  const [pair, setPair] = useState<CredentialsDraft>({ own: false, account: "", secret: "" });
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      api.post<Channel>("/api/v1/channels", {
        kind,
        carrier: "twilio",
        address: address.trim(),
        ...(pair.own ? { credentials: { account_sid: pair.account.trim(), auth_token: pair.secret.trim() } } : {}),
      }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: keys.channels });
      await navigate({ to: "/settings/$section", params: { section: "channels" }, search: { channel: made.channel_id, step: "3" }, replace: true, ignoreBlocker: true });
    },
  });
  const wrong = serverErrors(create.error, ["account_sid", "auth_token", "address"], "address");
  const empty = address.trim() === "";
  const pairMissing = pair.own && (pair.account.trim() === "" || pair.secret.trim() === "");
  return (
    <Card title={t("settings.number_title", { kind: t(`common.channel_${kind}`) })}>
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={submitting(() => {
          setTried(true);
          if (!empty && !pairMissing && !create.isPending) create.mutate();
        })}
      >
        <Field label={t("settings.number")} description={t(`settings.number_${kind}_hint`)} required error={tried && empty ? t("settings.number_missing") : wrong.fields.address}>
          {(control) => (
            // The step's first field; focus came from a button that is gone.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            <Input {...control} autoFocus dir="ltr" inputMode={kind === "sms" ? "text" : "tel"} autoComplete="off" maxLength={80} placeholder="+14155550123" className="max-w-xs" value={address} onChange={(event) => setAddress(event.target.value)} />
          )}
        </Field>
        <CredentialsFields
          draft={pair}
          onChange={(part) => setPair({ ...pair, ...part })}
          accountError={tried && pair.own && pair.account.trim() === "" ? t("settings.sid_missing") : wrong.fields.account_sid}
          secretError={tried && pair.own && pair.secret.trim() === "" ? t("settings.token_missing") : wrong.fields.auth_token}
        />
        <FormError text={wrong.rest} />
        <div className="flex justify-between gap-2">
          <Button onClick={onBack}>{t("common.back")}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>{t("settings.channel_create")}</Button>
        </div>
        <UnsavedGuard dirty={!create.isSuccess && (!empty || pair.account !== "")} />
      </form>
    </Card>
  );
}
