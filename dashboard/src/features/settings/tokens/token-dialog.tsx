import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

const LASTS = ["30", "90", "365", "ever"] as const;
const DAY = 86_400_000;

export function TokenDialog({ onMade, onClose }: { onMade: (token: string) => void; onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [lasts, setLasts] = useState<(typeof LASTS)[number]>("90");
  const [tried, setTried] = useState(false);
  const create = useMutation({
    mutationFn: () =>
      api.post<{ token: string }>("/api/v1/tokens", {
        name: name.trim(),
        ...(lasts === "ever" ? {} : { expires_at: new Date(Date.now() + Number(lasts) * DAY).toISOString() }),
      }),
    onSuccess: ({ token }) => {
      void queryClient.invalidateQueries({ queryKey: keys.tokens });
      onMade(token);
    },
  });
  const wrong = serverErrors(create.error, ["name", "expires_at"]);
  const empty = name.trim() === "";
  return (
    <FormDialog
      title={t("settings.token_new")}
      description={t("settings.token_new_text")}
      action={t("common.create")}
      dirty={name !== ""}
      pending={create.isPending}
      error={wrong.rest}
      size="sm"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (!empty) create.mutate();
      }}
    >
      <Field label={t("common.name")} description={t("settings.token_name_hint")} required error={tried && empty ? t("settings.name_missing") : wrong.fields.name}>
        {(control) => <Input {...control} maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={t("settings.token_lasts")} error={wrong.fields.expires_at}>
        {(control) => (
          <Select {...control} value={lasts} onChange={setLasts}
            options={LASTS.map((each) => ({ value: each, label: each === "ever" ? t("settings.token_no_end") : t("settings.token_days", { count: Number(each) }) }))} />
        )}
      </Field>
    </FormDialog>
  );
}
