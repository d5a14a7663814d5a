import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { View } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

export function RenameDialog({ view, onClose }: { view: View; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [name, setName] = useState(view.name);
  const save = useMutation({
    mutationFn: () => api.patch(`/api/v1/views/${view.view_id}`, { name: name.trim() }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.views });
      toast.success(t("settings.saved_name", { name: name.trim() }));
      onClose();
    },
  });
  const empty = name.trim() === "";
  const wrong = serverErrors(save.error, ["name"], "name");
  return (
    <FormDialog
      title={t("settings.view_rename")}
      action={t("common.save")}
      dirty={name !== view.name}
      pending={save.isPending}
      error={wrong.rest}
      size="sm"
      onClose={onClose}
      onSubmit={() => !empty && save.mutate()}
    >
      <Field label={t("common.name")} required error={empty ? t("settings.name_missing") : wrong.fields.name}>
        {(control) => <Input {...control} maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}
