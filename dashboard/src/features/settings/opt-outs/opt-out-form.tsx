import { useMutation } from "@tanstack/react-query";
import type { OptOutSettings } from "@/api/campaign-types";
import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { useDomainChange, type Domain } from "@/features/settings/domain/use-domain";
import { Card } from "@/features/settings/parts/card";
import { FormError, SaveBar, submitting } from "@/features/settings/parts/form-parts";
import { RoleNote } from "@/features/settings/parts/section-page";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

const TEXTS = ["stopped_text", "started_text", "help_text"] as const;
const LONGEST = 1000;

/** What STOP ends, and what is answered to it. */
export function OptOutForm({ domain }: { domain: Domain }) {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const change = useDomainChange();
  const stored = (domain.settings["opt_out"] ?? {}) as OptOutSettings & Record<string, unknown>;
  const { values, set, dirty, reset } = useForm({
    scope: stored.scope ?? "channel",
    double_opt_in: stored.double_opt_in ?? false,
    double_opt_in_text: stored.double_opt_in_text ?? "",
    stopped_text: stored.stopped_text ?? "",
    started_text: stored.started_text ?? "",
    help_text: stored.help_text ?? "",
  });
  const save = useMutation({
    mutationFn: () => {
      const texts = Object.fromEntries(["double_opt_in_text" as const, ...TEXTS].map((name) => [name, values[name].trim() || null]));
      // Words of the domain's own are kept as they are.
      return change({ settings: { opt_out: { ...stored, scope: values.scope, double_opt_in: values.double_opt_in, ...texts } } });
    },
    onSuccess: () => toast.success(t("common.saved")),
  });
  const text = (name: "double_opt_in_text" | (typeof TEXTS)[number]) => (
    <Field key={name} label={t(`audience.${name}`)} optional>
      {(control) => <Textarea {...control} dir="auto" rows={2} maxLength={LONGEST} placeholder={t(`audience.${name}_usual`)} value={values[name]} onChange={(event) => set({ [name]: event.target.value })} />}
    </Field>
  );
  return (
    <form className="flex flex-col gap-4" onSubmit={submitting(() => !save.isPending && save.mutate())}>
      <RoleNote least="admin" />
      <fieldset disabled={!may} className="contents">
        <Card title={t("audience.stop_title")} description={t("audience.stop_text")}>
          <Field label={t("audience.scope")} className="max-w-sm">
            {(control) => (
              <Select {...control} disabled={!may} value={values.scope} onChange={(scope) => set({ scope })}
                options={(["channel", "all"] as const).map((each) => ({ value: each, label: t(`audience.scope_${each}`) }))} />
            )}
          </Field>
          {TEXTS.map(text)}
        </Card>
        <Card>
          <div className="flex items-start gap-3">
            <span className="min-w-0 flex-1">
              <span className="block font-medium">{t("audience.double_title")}</span>
              <span className="block text-sm text-muted">{t("audience.double_hint")}</span>
            </span>
            <Switch aria-label={t("audience.double_title")} disabled={!may} checked={values.double_opt_in} onChange={(on) => set({ double_opt_in: on })} />
          </div>
          {values.double_opt_in && text("double_opt_in_text")}
        </Card>
        <FormError text={save.error && errorText(save.error)} />
        <SaveBar dirty={dirty} pending={save.isPending} onReset={reset} />
      </fieldset>
    </form>
  );
}
