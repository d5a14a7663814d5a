import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { PasswordInput } from "@/features/session/password-input";
import { useT, type TextKey } from "@/lib/i18n";

export type MetaField = "phone_number_id" | "business_account_id" | "access_token" | "app_secret";
export type MetaDraft = Record<MetaField, string>;

export const META_FIELDS: readonly MetaField[] = ["phone_number_id", "business_account_id", "access_token", "app_secret"];
export const NO_META: MetaDraft = { phone_number_id: "", business_account_id: "", access_token: "", app_secret: "" };

const TEXTS: Record<MetaField, [label: TextKey, hint: TextKey]> = {
  phone_number_id: ["settings.meta_phone_number_id", "settings.meta_phone_number_id_hint"],
  business_account_id: ["settings.meta_business_account_id", "settings.meta_business_account_id_hint"],
  access_token: ["settings.meta_access_token", "settings.meta_access_token_hint"],
  app_secret: ["settings.meta_app_secret", "settings.meta_app_secret_hint"],
};

/** What is filled in, as the API takes it. */
export function metaCredentials(draft: MetaDraft): Partial<MetaDraft> {
  const filled = META_FIELDS.map((name) => [name, draft[name].trim()] as const).filter(([, value]) => value !== "");
  return Object.fromEntries(filled);
}

export interface MetaFieldsProps {
  draft: MetaDraft;
  onChange: (part: Partial<MetaDraft>) => void;
  errors: Partial<Record<MetaField, string | null>>;
  /** Some may stay as they are: they are being replaced. */
  partial?: boolean;
}

/** The credentials of a WhatsApp number at Meta. */
export function MetaFields({ draft, onChange, errors, partial = false }: MetaFieldsProps) {
  const t = useT();
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {META_FIELDS.map((name) => {
        const [label, hint] = TEXTS[name];
        const change = (value: string) => onChange({ [name]: value });
        return (
          <Field key={name} label={t(label)} description={t(hint)} error={errors[name]} required={!partial}>
            {(control) =>
              name.endsWith("_id") ? (
                <Input {...control} dir="ltr" inputMode="numeric" autoComplete="off" spellCheck={false} maxLength={32} className="h-10 font-mono text-sm" value={draft[name]} onChange={(event) => change(event.target.value)} />
              ) : (
                <PasswordInput {...control} dir="ltr" autoComplete="off" value={draft[name]} onChange={(event) => change(event.target.value)} />
              )
            }
          </Field>
        );
      })}
    </div>
  );
}
