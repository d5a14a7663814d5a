import { Bell, BellOff, Volume2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Popover } from "@/components/ui/popover";
import { Select } from "@/components/ui/select";
import { type Loudness, LOUDNESS, usePreferences } from "@/features/notifications/preferences";
import { playSound, wakeSound } from "@/features/notifications/sound";
import { useT } from "@/lib/i18n";

type Permission = NotificationPermission | "unsupported";

const permissionNow = (): Permission => (typeof Notification === "undefined" ? "unsupported" : Notification.permission);

/** What this browser is told about. Also for the settings' page. */
export function NotificationSettings() {
  const t = useT();
  const [wanted, set] = usePreferences();
  const [permission, setPermission] = useState(permissionNow);
  const options = LOUDNESS.map((value) => ({ value, label: t(`list.notify_${value}`) }));
  return (
    <div className="flex flex-col gap-3">
      <Field label={t("list.notify_desktop")}>
        {(control) => <Select<Loudness> {...control} value={wanted.desktop} options={options} onChange={(desktop) => set({ desktop })} />}
      </Field>
      {/* Asked by a button only: a page that asks when it loads is refused, and rightly. */}
      {permission === "default" && wanted.desktop !== "off" && (
        <Button onClick={() => void Notification.requestPermission().then(setPermission)}>
          <Bell aria-hidden />
          {t("list.notify_allow")}
        </Button>
      )}
      {permission === "denied" && <p className="text-sm text-warning">{t("list.notify_denied")}</p>}
      {permission === "unsupported" && <p className="text-sm text-muted">{t("list.notify_unsupported")}</p>}
      <Field label={t("list.notify_sound")} description={t("list.notify_mine_hint")}>
        {(control) => <Select<Loudness> {...control} value={wanted.sound} options={options} onChange={(sound) => set({ sound })} />}
      </Field>
      <Button
        variant="ghost"
        onClick={() => {
          wakeSound();
          // A context that was just made runs a moment later.
          setTimeout(playSound, 60);
        }}
      >
        <Volume2 aria-hidden />
        {t("list.notify_try_sound")}
      </Button>
    </div>
  );
}

/** The bell over the list. */
export function NotificationBell() {
  const t = useT();
  const [wanted] = usePreferences();
  const quiet = wanted.desktop === "off" && wanted.sound === "off";
  return (
    <Popover
      align="end"
      className="w-72"
      label={t("list.notify_title")}
      trigger={<IconButton icon={quiet ? BellOff : Bell} label={t("list.notify_button")} tooltip={false} title={t("list.notify_button")} />}
    >
      <NotificationSettings />
    </Popover>
  );
}
