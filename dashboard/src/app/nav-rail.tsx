import { Link } from "@tanstack/react-router";
import { Smartphone } from "lucide-react";
import { AccountMenu } from "@/app/account-menu";
import { ConnectionDot } from "@/app/connection-dot";
import { DESTINATIONS } from "@/app/destinations";
import { useUnread } from "@/app/use-unread";
import { CountBadge } from "@/components/ui/badge";
import { Tooltip } from "@/components/ui/tooltip";
import { useT } from "@/lib/i18n";
import { useMe } from "@/lib/me";

const ITEM = "relative inline-flex size-10 items-center justify-center rounded-lg transition-colors";
const ACTIVE = "bg-accent-soft text-accent-ink";
const IDLE = "text-muted hover:bg-hover hover:text-ink";

/** The navigation beside the page, on wide windows. */
export function NavRail() {
  const t = useT();
  const me = useMe();
  const unread = useUnread();
  return (
    <nav
      aria-label={t("common.nav_label")}
      className="flex w-14 shrink-0 flex-col items-center gap-1 border-e border-line bg-canvas py-3 max-md:hidden"
    >
      <img src="/static/frontdesk.svg" alt="" className="mb-3 size-7" />
      {DESTINATIONS.map(({ to, label, icon: Icon }) => (
        <Tooltip key={to} label={t(label)} side="right">
          <Link to={to} search={{}} className={ITEM} activeOptions={{ includeSearch: false }} activeProps={{ className: ACTIVE }} inactiveProps={{ className: IDLE }}>
            <Icon aria-hidden className="size-5" />
            <span className="sr-only">{t(label)}</span>
            {to === "/inbox" && (
              <span className="absolute end-0 top-0">
                <CountBadge count={unread} label={t("common.nav_unread", { count: unread })} />
              </span>
            )}
          </Link>
        </Tooltip>
      ))}
      <span className="flex-1" />
      {me.features.sandbox && (
        <Tooltip label={t("common.nav_phone_hint")} side="right">
          <a href="/sandbox/phone" target="_blank" rel="noreferrer" className={`${ITEM} ${IDLE}`}>
            <Smartphone aria-hidden className="size-5" />
            <span className="sr-only">{t("common.nav_phone")}</span>
          </a>
        </Tooltip>
      )}
      <ConnectionDot />
      <AccountMenu side="right" align="end" />
    </nav>
  );
}
