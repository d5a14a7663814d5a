import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useToast } from "@/components/ui/toast";
import { META_FIELDS, metaCredentials, MetaFields, NO_META } from "@/features/settings/channels/meta-fields";
import { check, type Channel } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

/** Other credentials for a number at Meta: those that are filled in. The kept ones are never shown. */
export function MetaCredentialsCard({ channel }: { channel: Channel }) {
  const t = useT();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState(NO_META);
  const close = () => {
    setDraft(NO_META);
    setOpen(false);
  };
  const given = metaCredentials(draft);
  const some = Object.keys(given).length > 0;
  const save = useMutation({
    mutationFn: async () => {
      await api.patch(`/api/v1/channels/${channel.channel_id}`, { credentials: given });
      await check(channel.channel_id).catch(() => undefined);
    },
    onSuccess: () => {
      close();
      toast.success(t("settings.credentials_saved"));
    },
  });
  const wrong = serverErrors(save.error, META_FIELDS);
  return (
    <Card title={t("settings.credentials_title")} description={t("settings.credentials_text")}>
      {open ? (
        <form noValidate className="flex flex-col gap-3" onSubmit={submitting(() => some && !save.isPending && save.mutate())}>
          <p className="text-sm text-muted">{t("settings.meta_replace_hint")}</p>
          <MetaFields partial draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} errors={wrong.fields} />
          <FormError text={wrong.rest} />
          <SaveBar dirty={some} pending={save.isPending} disabled={!some} onReset={close} />
        </form>
      ) : (
        <Button className="self-start" onClick={() => setOpen(true)}>{t("settings.credentials_replace")}</Button>
      )}
    </Card>
  );
}
