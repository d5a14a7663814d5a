import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Plug } from "lucide-react";
import type { EmailPull, MailboxTest } from "@/api/campaign-types";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { connectionOf, isPort, isReachable, withSecurity, type PullForm } from "@/features/settings/email-pulls/pull-form";
import { FormError } from "@/features/settings/parts/form-parts";
import { errorText } from "@/lib/error-text";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";

export interface ConnectionFieldsProps {
  pull: EmailPull | null;
  form: PullForm;
  onChange: (change: Partial<PullForm>) => void;
}

/** How the mailbox is reached, tried out before it is saved. */
export function ConnectionFields({ pull, form, onChange }: ConnectionFieldsProps) {
  const t = useT();
  const trial = useMutation({
    mutationFn: () => api.post<MailboxTest>("/api/v1/email-pulls/test", { ...connectionOf(form), ...(pull && { config_id: pull.config_id }) }),
  });
  const folders = [...new Set([form.folder, ...(trial.data?.folders ?? [])])].filter(Boolean);
  const securities = (["tls", "starttls", "none"] as const).map((each) => ({ value: each, label: t(`campaigns.email_security_${each}`) }));
  return (
    <>
      <div className="grid gap-3 sm:grid-cols-[1fr_10rem_6rem]">
        <Field label={t("campaigns.email_host")} required>
          {(control) => <Input {...control} dir="ltr" autoCapitalize="none" autoComplete="off" placeholder="imap.example.com" value={form.host} onChange={(event) => onChange({ host: event.target.value })} />}
        </Field>
        <Field label={t("campaigns.email_security")}>
          {(control) => <Select {...control} value={form.security} onChange={(security) => onChange(withSecurity(form, security))} options={securities} />}
        </Field>
        <Field label={t("campaigns.email_port")} error={isPort(form.port) ? null : t("campaigns.email_port_wrong")}>
          {(control) => <Input {...control} inputMode="numeric" autoComplete="off" value={form.port} onChange={(event) => onChange({ port: event.target.value.trim() })} />}
        </Field>
      </div>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("campaigns.email_username")} required>
          {(control) => <Input {...control} dir="ltr" autoCapitalize="none" autoComplete="off" value={form.username} onChange={(event) => onChange({ username: event.target.value })} />}
        </Field>
        <Field label={t("campaigns.email_password")} required={!pull} description={pull ? t("campaigns.email_password_kept") : undefined}>
          {(control) => <Input {...control} type="password" dir="ltr" autoComplete="new-password" value={form.password} onChange={(event) => onChange({ password: event.target.value })} />}
        </Field>
      </div>
      <div className="flex flex-wrap items-center gap-3">
        <Button pending={trial.isPending} disabled={!isReachable(form, pull !== null)} onClick={() => trial.mutate()}>
          <Plug aria-hidden />
          {t("campaigns.email_test")}
        </Button>
        <span role="status" className="min-w-0 flex-1 text-sm">
          {trial.data?.ok && (
            <span className="flex items-center gap-1.5 text-success">
              <CircleCheck aria-hidden className="size-4 shrink-0" />
              {t("campaigns.email_test_ok", { count: trial.data.matching ?? 0 })}
            </span>
          )}
          {trial.data && !trial.data.ok && (
            <span className="flex items-start gap-1.5 wrap-anywhere text-danger"><CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />{trial.data.problem}</span>
          )}
        </span>
      </div>
      <FormError text={trial.error && errorText(trial.error)} />
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("campaigns.email_folder")} description={folders.length > 1 ? undefined : t("campaigns.email_folder_hint")}>
          {(control) => <Select {...control} value={form.folder} onChange={(folder) => onChange({ folder })} options={folders.map((each) => ({ value: each, label: each }))} />}
        </Field>
        <Field label={t("campaigns.email_search")} description={t("campaigns.email_search_hint")}>
          {(control) => <Input {...control} dir="ltr" autoComplete="off" className="font-mono" value={form.search} onChange={(event) => onChange({ search: event.target.value })} />}
        </Field>
      </div>
    </>
  );
}
