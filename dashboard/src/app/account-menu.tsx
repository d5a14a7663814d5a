import { useNavigate } from "@tanstack/react-router";
import { Building2, Keyboard, Languages, LogOut, Moon, Smartphone, UserRound } from "lucide-react";
import { useState } from "react";
import { useTheme, type Theme } from "@/app/theme";
import { AlertDialog } from "@/components/ui/alert-dialog";
import { Avatar } from "@/components/ui/avatar";
import { DropdownMenu } from "@/components/ui/dropdown-menu";
import type { MenuEntry } from "@/components/ui/menu-entry";
import { useToast } from "@/components/ui/toast";
import { LANGUAGES, setLanguage, useLanguage, useT, type Language } from "@/lib/i18n";
import { useMe } from "@/lib/me";
import { signOut, switchDomain } from "@/lib/session";

/** The person's own menu: domain, language, theme, shortcuts, out. */
export function AccountMenu({ side, align }: { side: "right" | "top"; align: "start" | "end" }) {
  const t = useT();
  const me = useMe();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const [pending, setPending] = useState(false);
  const items = useEntries(() => setAsking(true));

  async function everywhere(): Promise<void> {
    setPending(true);
    await signOut(true).catch(toast.error);
    setPending(false);
  }

  return (
    <>
      <DropdownMenu
        side={side}
        align={align}
        items={items}
        className="w-60"
        trigger={
          <button
            type="button"
            aria-label={t("common.menu_profile", { name: me.name })}
            className="inline-flex size-10 items-center justify-center rounded-full"
          >
            <Avatar name={me.name || me.email} id={me.person_id} className="size-8" />
          </button>
        }
      />
      <AlertDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("common.sign_out_everywhere_title")}
        description={t("common.sign_out_everywhere_text")}
        action={t("common.menu_sign_out_everywhere")}
        onAction={() => void everywhere()}
        pending={pending}
        danger
      />
    </>
  );
}

function useEntries(askEverywhere: () => void): MenuEntry[] {
  const t = useT();
  const me = useMe();
  const toast = useToast();
  const navigate = useNavigate();
  const language = useLanguage();
  const [theme, setTheme] = useTheme();
  const themes: Theme[] = ["system", "light", "dark"];

  const domains: MenuEntry[] = me.domains.map((domain) => ({
    label: domain.display_name || domain.name,
    hint: t(`common.role_${domain.role}`),
    checked: domain.name === me.domain,
    onSelect: () => {
      if (domain.name !== me.domain) void switchDomain(domain.name).catch(toast.error);
    },
  }));
  const languages: MenuEntry[] = (Object.keys(LANGUAGES) as Language[]).map((each) => ({
    label: LANGUAGES[each],
    checked: each === language,
    onSelect: () => void setLanguage(each),
  }));
  return [
    { kind: "custom", content: <Person /> },
    { kind: "separator" },
    ...(domains.length > 1
      ? [{ kind: "submenu" as const, label: t("common.menu_switch_domain"), icon: Building2, items: domains }]
      : []),
    {
      label: t("common.menu_account"),
      icon: UserRound,
      onSelect: () => void navigate({ to: "/settings/$section", params: { section: "account" }, search: {} }),
    },
    {
      kind: "submenu",
      label: t("common.menu_theme"),
      icon: Moon,
      items: themes.map((each) => ({
        label: t(`common.theme_${each}`),
        checked: each === theme,
        onSelect: () => setTheme(each),
      })),
    },
    { kind: "submenu", label: t("common.menu_language"), icon: Languages, items: languages },
    {
      label: t("common.menu_shortcuts"),
      icon: Keyboard,
      hint: "?",
      onSelect: () => dispatchEvent(new KeyboardEvent("keydown", { key: "?" })),
    },
    ...(me.features.sandbox
      ? [{ label: t("common.nav_phone"), icon: Smartphone, onSelect: () => void open("/sandbox/phone", "_blank", "noreferrer") }]
      : []),
    { kind: "separator" },
    { label: t("common.menu_sign_out"), icon: LogOut, onSelect: () => void signOut(false).catch(toast.error) },
    { label: t("common.menu_sign_out_everywhere"), icon: LogOut, onSelect: askEverywhere },
  ];
}

function Person() {
  const t = useT();
  const me = useMe();
  return (
    <div className="flex items-center gap-2 px-2 py-1.5">
      <Avatar name={me.name || me.email} id={me.person_id} />
      <div className="min-w-0 flex-1">
        <div className="truncate font-medium">{me.name || me.email}</div>
        <div className="truncate text-sm text-muted">
          {me.domain_display_name || me.domain} · {t(`common.role_${me.role}`)}
        </div>
      </div>
    </div>
  );
}
