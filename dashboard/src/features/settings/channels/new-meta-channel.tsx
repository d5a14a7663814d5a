import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { META_FIELDS, metaCredentials, MetaFields, NO_META, type MetaField } from "@/features/settings/channels/meta-fields";
import type { Channel } from "@/features/settings/channels/use-channels";
import { Card } from "@/features/settings/parts/card";
import { FormError, submitting } from "@/features/settings/parts/form-parts";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { UnsavedGuard } from "@/features/settings/parts/unsaved-guard";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

/** The second step of a WhatsApp number at Meta: the number, and what Meta shows beside it. */
export function NewMetaChannel({ onBack }: { onBack: () => void }) {
  const t = useT();
  const navigate = useNavigate();
  const [address, setAddress] = useState("");
  const [draft, setDraft] = useState(NO_META);
  const [tried, setTried] = useState(false);
  const credentials = metaCredentials(draft);
  const create = useMutation({
    mutationFn: () => api.post<Channel>("/api/v1/channels", { kind: "wmsg", carrier: "meta", address: address.trim(), credentials }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries({ queryKey: keys.channels });
      await navigate({ to: "/settings/$section", params: { section: "channels" }, search: { channel: made.channel_id, step: "3" }, replace: true, ignoreBlocker: true });
    },
  });
  const wrong = serverErrors(create.error, [...META_FIELDS, "address"], "address");
  const empty = address.trim() === "";
  const full = !empty && META_FIELDS.every((name) => credentials[name]);
  const errorOf = (name: MetaField) => (tried && !credentials[name] ? t("settings.meta_missing") : wrong.fields[name]) ?? null;
  return (
    <Card title={t("settings.number_title", { kind: t("common.channel_wmsg") })}>
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={submitting(() => {
          setTried(true);
          if (full && !create.isPending) create.mutate();
        })}
      >
        <Field label={t("settings.number")} description={t("settings.number_meta_hint")} required error={tried && empty ? t("settings.number_missing") : wrong.fields.address}>
          {(control) => (
            // The step's first field; focus came from a button that is gone.
            // eslint-disable-next-line jsx-a11y/no-autofocus
            <Input {...control} autoFocus dir="ltr" inputMode="tel" autoComplete="off" maxLength={80} placeholder="+14155550123" className="max-w-xs" value={address} onChange={(event) => setAddress(event.target.value)} />
          )}
        </Field>
        <MetaFields
          draft={draft}
          onChange={(part) => setDraft({ ...draft, ...part })}
          errors={Object.fromEntries(META_FIELDS.map((name) => [name, errorOf(name)]))}
        />
        <FormError text={wrong.rest} />
        <div className="flex justify-between gap-2">
          <Button onClick={onBack}>{t("common.back")}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>{t("settings.channel_create")}</Button>
        </div>
        <UnsavedGuard dirty={!create.isSuccess && (!empty || Object.keys(credentials).length > 0)} />
      </form>
    </Card>
  );
}
