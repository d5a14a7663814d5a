import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { CredentialsFields, type CredentialsDraft } from "@/features/settings/channels/credentials-fields";
import { check, type Channel } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

const EMPTY: CredentialsDraft = { own: true, account: "", secret: "" };

/** Another pair for the channel. The one that is kept is never shown. */
export function CredentialsCard({ channel }: { channel: Channel }) {
  const t = useT();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const [pair, setPair] = useState(EMPTY);
  const save = useMutation({
    mutationFn: async () => {
      await api.patch(`/api/v1/channels/${channel.channel_id}`, { credentials: { account_sid: pair.account.trim(), auth_token: pair.secret.trim() } });
      await check(channel.channel_id).catch(() => undefined);
    },
    onSuccess: () => {
      setPair(EMPTY);
      setOpen(false);
      toast.success(t("settings.credentials_saved"));
    },
  });
  const wrong = serverErrors(save.error, ["account_sid", "auth_token"]);
  const full = pair.account.trim() !== "" && pair.secret.trim() !== "";
  return (
    <Card title={t("settings.credentials_title")} description={t("settings.credentials_text")}>
      {open ? (
        <form noValidate className="flex flex-col gap-3" onSubmit={submitting(() => full && !save.isPending && save.mutate())}>
          <CredentialsFields always draft={pair} onChange={(part) => setPair({ ...pair, ...part })} accountError={wrong.fields.account_sid} secretError={wrong.fields.auth_token} />
          <FormError text={wrong.rest} />
          <SaveBar
            dirty={pair.account !== "" || pair.secret !== ""}
            pending={save.isPending}
            disabled={!full}
            onReset={() => {
              setPair(EMPTY);
              setOpen(false);
            }}
          />
        </form>
      ) : (
        <Button className="self-start" onClick={() => setOpen(true)}>{t("settings.credentials_replace")}</Button>
      )}
    </Card>
  );
}
