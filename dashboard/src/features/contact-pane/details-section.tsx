import { Languages, Mail, Phone, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import type { Contact } from "@/api/types";
import { Combobox } from "@/components/ui/combobox";
import { emailProblem } from "@/features/contact-pane/attribute-rules";
import { changeContact } from "@/features/contact-pane/contact-changes";
import { CopyButton } from "@/features/contact-pane/copy-button";
import { countryName, flag, hasFlags } from "@/features/contact-pane/country";
import { InlineEdit } from "@/features/contact-pane/inline-edit";
import { Section } from "@/features/contact-pane/section";
import { useTell } from "@/features/contact-pane/use-contact";
import { languageName, useLanguage, useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";

/** Spoken by most customers; others are typed as a code. */
const COMMON = [
  "ar", "bn", "ca", "cs", "da", "de", "el", "en", "es", "eu", "fa", "fi", "fr", "gl", "gu", "he", "hi", "hu", "id", "it", "ja", "kn", "ko",
  "ml", "mr", "ms", "nb", "nl", "pa", "pl", "pt", "pt-BR", "ro", "ru", "sv", "sw", "ta", "te", "th", "tr", "uk", "ur", "vi", "zh",
];
const NO_LANGUAGE = "none";

/** How the contact is reached. */
export function DetailsSection({ contact }: { contact: Contact }) {
  const t = useT();
  const tell = useTell();
  const mayEdit = useCan("agent");
  const language = useLanguage();
  return (
    <Section name="details" title={t("contacts.details")}>
      <dl className="flex flex-col gap-1">
        {contact.addresses.map(({ address, contact_id, country }) => (
          <Line key={contact_id} icon={Phone} label={t("contacts.address")}>
            <span className="flex min-w-0 flex-1 items-start gap-1">
              <span className="min-w-0 flex-1 py-0.5">
                <bdi dir="ltr" className="wrap-anywhere">{address}</bdi>
                {country && (
                  <span className="flex items-center gap-1 text-sm text-muted">
                    {hasFlags() && <span aria-hidden>{flag(country)}</span>}
                    {countryName(country, language)}
                  </span>
                )}
              </span>
              <CopyButton value={address} label={t("contacts.copy_address", { address })} />
            </span>
          </Line>
        ))}
        <Line icon={Mail} label={t("contacts.email")}>
          <InlineEdit
            label={t("contacts.email")}
            value={contact.email ?? ""}
            offer={t("contacts.email_add")}
            mayEdit={mayEdit}
            check={emailProblem}
            input={{ type: "email", maxLength: 254, inputMode: "email", dir: "ltr" }}
            onSave={(text) => void tell(changeContact(contact, { email: text === "" ? null : text.toLowerCase() }))}
          >
            <a href={`mailto:${contact.email}`} className="text-accent-ink hover:underline">{contact.email}</a>
          </InlineEdit>
          {contact.email && <CopyButton value={contact.email} label={t("contacts.copy_email")} />}
        </Line>
        <Line icon={Languages} label={t("contacts.language")}>
          <LanguageChoice contact={contact} mayEdit={mayEdit} />
        </Line>
      </dl>
    </Section>
  );
}

function Line({ icon: Icon, label, children }: { icon: LucideIcon; label: string; children: ReactNode }) {
  return (
    <div className="flex min-h-7 items-start gap-2">
      <dt className="flex h-7 items-center text-muted" title={label}>
        <Icon aria-hidden className="size-4" />
        <span className="sr-only">{label}</span>
      </dt>
      <dd className="flex min-h-7 min-w-0 flex-1 items-start gap-1 [&>*]:min-h-7">{children}</dd>
    </div>
  );
}

function LanguageChoice({ contact, mayEdit }: { contact: Contact; mayEdit: boolean }) {
  const t = useT();
  const tell = useTell();
  const { language } = contact;
  const shown = language === null ? null : languageName(language);
  if (!mayEdit) return <span className="flex items-center">{shown ?? <span className="text-faint">{t("common.none")}</span>}</span>;
  const codes = language === null || COMMON.includes(language) ? COMMON : [...COMMON, language];
  const options = codes.map((code) => ({ value: code, label: languageName(code), keywords: code, hint: code }))
    .sort((one, other) => one.label.localeCompare(other.label));
  const set = (code: string | undefined) => {
    const next = code === NO_LANGUAGE || code === undefined ? null : code;
    if (next !== language) void tell(changeContact(contact, { language: next }));
  };
  return (
    <Combobox
      label={t("contacts.language")}
      options={language === null ? options : [{ value: NO_LANGUAGE, label: t("common.none") }, ...options]}
      values={language === null ? [] : [language]}
      onChange={([code]) => set(code)}
      onCreate={set}
      createLabel={(code) => t("contacts.language_code", { code })}
      trigger={
        <button
          type="button"
          aria-label={shown === null ? t("contacts.language_add") : t("contacts.language_change", { language: shown })}
          className="min-h-7 text-start hover:text-accent-ink hover:underline data-[state=open]:text-accent-ink"
        >
          {shown ?? <span className="text-muted">{t("contacts.language_add")}</span>}
        </button>
      }
    />
  );
}
