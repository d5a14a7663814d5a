import { useMutation } from "@tanstack/react-query";
import type { Me } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { useToast } from "@/components/ui/toast";
import { Card } from "@/features/settings/parts/card";
import { SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { setMe, useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

export function NameForm() {
  const t = useT();
  const me = useMe();
  const toast = useToast();
  const { values, set, dirty, reset } = useForm({ name: me.name });
  const save = useMutation({
    mutationFn: () => api.patch<Me>("/api/v1/me", { name: values.name.trim() }),
    onSuccess: (changed) => {
      setMe(changed);
      set({ name: changed.name });
      void queryClient.invalidateQueries({ queryKey: keys.people });
      toast.success(t("common.saved"));
    },
  });
  const empty = values.name.trim() === "";
  return (
    <Card title={t("settings.profile_title")}>
      <form className="flex flex-col gap-3" onSubmit={submitting(() => !empty && !save.isPending && save.mutate())}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Field
            label={t("common.name")}
            description={t("settings.name_hint")}
            error={empty ? t("settings.name_missing") : save.error && errorText(save.error)}
          >
            {(control) => (
              <Input {...control} autoComplete="name" maxLength={200} value={values.name} onChange={(event) => set({ name: event.target.value })} />
            )}
          </Field>
          <Field label={t("session.email")} description={t("settings.email_hint", { role: t(`common.role_${me.role}`), domain: me.domain_display_name || me.domain })}>
            {(control) => <Input {...control} type="email" dir="ltr" readOnly value={me.email} className="bg-canvas text-muted" />}
          </Field>
        </div>
        <SaveBar dirty={dirty} pending={save.isPending} disabled={empty} onReset={reset} />
      </form>
    </Card>
  );
}
