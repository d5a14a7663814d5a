import { Field } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { Switch } from "@/components/ui/switch";
import { NotificationSettings } from "@/features/notifications/notification-settings";
import { NameForm } from "@/features/settings/account/name-form";
import { PasswordForm } from "@/features/settings/account/password-form";
import { SessionList } from "@/features/settings/account/session-list";
import { Card } from "@/features/settings/parts/card";
import { SectionPage } from "@/features/settings/parts/section-page";
import { LANGUAGES, setLanguage, useLanguage, useT, type Language } from "@/lib/i18n";
import { useStored } from "@/lib/storage";

/** The person's own: name, password, where they are signed in, and how this browser shows things. */
export function AccountSection() {
  const t = useT();
  return (
    <SectionPage title={t("settings.account_title")} description={t("settings.account_text")}>
      <NameForm />
      <PasswordForm />
      <Card title={t("settings.look_title")} description={t("settings.look_text")}>
        <Look />
      </Card>
      <Card title={t("settings.writing_title")}>
        <EnterSends />
      </Card>
      <Card title={t("settings.notifications_title")} description={t("settings.look_text")} className="max-w-md">
        <NotificationSettings />
      </Card>
      <SessionList />
    </SectionPage>
  );
}

const THEMES = ["system", "light", "dark"] as const;

function Look() {
  const t = useT();
  const language = useLanguage();
  // Whoever draws the theme follows what is stored.
  const [theme, setTheme] = useStored<(typeof THEMES)[number]>("theme", "system");
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <Field label={t("common.menu_language")}>
        {(control) => (
          <Select<Language>
            {...control}
            value={language}
            onChange={(next) => void setLanguage(next)}
            options={Object.entries(LANGUAGES).map(([value, label]) => ({ value: value as Language, label }))}
          />
        )}
      </Field>
      <Field label={t("common.menu_theme")}>
        {(control) => (
          <Select
            {...control}
            value={theme}
            onChange={setTheme}
            options={THEMES.map((value) => ({ value, label: t(`common.theme_${value}`) }))}
          />
        )}
      </Field>
    </div>
  );
}

function EnterSends() {
  const t = useT();
  const [sends, setSends] = useStored("composer.enter_sends", true);
  return (
    <div className="flex items-start gap-3">
      <Switch id="enter-sends" checked={sends} onChange={setSends} aria-describedby="enter-sends-hint" />
      <div>
        <label htmlFor="enter-sends" className="font-medium">{t("settings.enter_sends")}</label>
        <p id="enter-sends-hint" className="text-sm text-muted">{t("settings.enter_sends_hint")}</p>
      </div>
    </div>
  );
}
