import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { EmailPull } from "@/api/campaign-types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { Textarea } from "@/components/ui/textarea";
import { useToast } from "@/components/ui/toast";
import { MessageFields } from "@/features/campaigns/message-fields";
import { ConnectionFields } from "@/features/settings/email-pulls/connection-fields";
import { bodyOf, COLUMNS, formOf, isMinutes, isSound } from "@/features/settings/email-pulls/pull-form";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { useForm } from "@/features/settings/parts/use-form";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys, queryClient } from "@/lib/query";

/** `pull`: the one to change; null to make one. */
export function PullDialog({ pull, onClose }: { pull: EmailPull | null; onClose: () => void }) {
  const t = useT();
  const toast = useToast();
  const [saved] = useState(() => formOf(pull));
  const { values, set, dirty } = useForm(saved);
  const [tried, setTried] = useState(false);
  const save = useMutation({
    mutationFn: () => (pull ? api.patch(`/api/v1/email-pulls/${pull.config_id}`, bodyOf(values)) : api.post("/api/v1/email-pulls", bodyOf(values))),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.emailPulls });
      toast.success(t("settings.saved_name", { name: values.name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog
      title={pull ? t("settings.edit_of", { name: pull.name }) : t("campaigns.email_new")}
      action={t(pull ? "common.save" : "common.create")}
      dirty={dirty}
      pending={save.isPending}
      error={save.error ? errorText(save.error) : tried && !isSound(values, pull !== null) ? t("campaigns.email_incomplete") : null}
      size="xl"
      onClose={onClose}
      onSubmit={() => {
        setTried(true);
        if (isSound(values, pull !== null)) save.mutate();
      }}
    >
      <Field label={t("campaigns.name")} required error={tried && values.name.trim() === "" ? t("campaigns.name_missing") : null} className="max-w-md">
        {(control) => <Input {...control} maxLength={100} dir="auto" value={values.name} onChange={(event) => set({ name: event.target.value })} />}
      </Field>
      <ConnectionFields pull={pull} form={values} onChange={set} />
      <Choice label={t("campaigns.email_mark_seen")} hint={t("campaigns.email_mark_seen_hint")} checked={values.markSeen} onChange={(markSeen) => set({ markSeen })} />
      <h3 className="mt-2 border-t border-line pt-4 font-semibold">{t("campaigns.email_number_title")}</h3>
      <Field label={t("campaigns.email_rules")} description={t("campaigns.email_rules_hint")} optional>
        {(control) => (
          <Textarea {...control} dir="ltr" rows={2} className="font-mono text-sm" placeholder="Tel\.?: (?P<phone>[+0-9 ]+)" value={values.rules} onChange={(event) => set({ rules: event.target.value })} />
        )}
      </Field>
      <Choice label={t("campaigns.email_ask_assistant")} hint={t("campaigns.email_ask_assistant_hint")} checked={values.askAssistant} onChange={(askAssistant) => set({ askAssistant })} />
      <h3 className="mt-2 border-t border-line pt-4 font-semibold">{t("campaigns.step_message")}</h3>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("campaigns.channel")}>
          {(control) => (
            <Select {...control} value={values.channel} onChange={(channel) => set({ channel })} options={(["wmsg", "sms"] as const).map((each) => ({ value: each, label: t(`common.channel_${each}`) }))} />
          )}
        </Field>
        <Field label={t("campaigns.email_minutes")} error={isMinutes(values.everyMinutes) ? null : t("campaigns.email_minutes_wrong")}>
          {(control) => <Input {...control} inputMode="numeric" value={values.everyMinutes} onChange={(event) => set({ everyMinutes: event.target.value.trim() })} />}
        </Field>
      </div>
      <MessageFields channel={values.channel} plan={values.plan} columns={COLUMNS} row={{}} tried={tried} onChange={(change) => set({ plan: { ...values.plan, ...change } })} />
    </FormDialog>
  );
}

function Choice({ label, hint, checked, onChange }: { label: string; hint: string; checked: boolean; onChange: (checked: boolean) => void }) {
  return (
    <div className="flex items-center gap-3">
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{label}</span>
        <span className="block text-sm text-muted">{hint}</span>
      </span>
      <Switch aria-label={label} checked={checked} onChange={onChange} />
    </div>
  );
}
