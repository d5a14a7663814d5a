import { Checkbox } from "@/components/ui/checkbox";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "@/features/session/password-input";
import { useT } from "@/lib/i18n";

export interface CredentialsDraft {
  /** Of this channel alone; else the domain's shared ones count. */
  own: boolean;
  account: string;
  secret: string;
}

export interface CredentialsFieldsProps {
  draft: CredentialsDraft;
  onChange: (part: Partial<CredentialsDraft>) => void;
  accountError?: string | null | undefined;
  secretError?: string | null | undefined;
  /** There is no choice: they are being replaced. */
  always?: boolean;
}

export function CredentialsFields({ draft, onChange, accountError, secretError, always = false }: CredentialsFieldsProps) {
  const t = useT();
  return (
    <>
      {!always && (
        <div>
          <Checkbox checked={draft.own} onChange={(own) => onChange({ own })}>{t("settings.credentials_own")}</Checkbox>
          <p className="ms-6 text-sm text-muted">{t("settings.credentials_shared_hint")}</p>
        </div>
      )}
      {(always || draft.own) && (
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label={t("settings.account_sid")} description={t("settings.account_sid_hint")} error={accountError} required>
            {(control) => (
              <Input {...control} dir="ltr" autoComplete="off" spellCheck={false} maxLength={200} placeholder="AC…" className="h-10 font-mono text-sm" value={draft.account} onChange={(event) => onChange({ account: event.target.value })} />
            )}
          </Field>
          <Field label={t("settings.auth_token")} description={t("settings.auth_token_hint")} error={secretError} required>
            {(control) => (
              <PasswordInput {...control} dir="ltr" autoComplete="off" value={draft.secret} onChange={(event) => onChange({ secret: event.target.value })} />
            )}
          </Field>
        </div>
      )}
    </>
  );
}
