import { Outlet, useMatches, useRouter } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";
import { BottomBar } from "@/app/bottom-bar";
import { ConnectionBanner } from "@/app/connection-banner";
import { NavRail } from "@/app/nav-rail";
import { useSettingsEvents } from "@/app/settings-events";
import { useAnothersSession } from "@/app/use-anothers-session";
import { cx } from "@/lib/class-names";
import { sessionExpired } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { startLive } from "@/lib/live";
import { useCan, useMe } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

/** Live lists, notifications, the command bar: not needed for the first paint. */
const Background = lazy(async () => ({ default: (await import("@/features/inbox/background")).Background }));

const CreditBanner = lazy(async () => ({ default: (await import("@/app/credit-banner")).CreditBanner }));

/** Around every page for people who are signed in: navigation, connection, the live stream. */
export function AppFrame() {
  const t = useT();
  const me = useMe();
  const { person_id, domain } = me;
  useEffect(() => startLive(`${person_id}.${domain}`), [person_id, domain]);
  useEndedSession();
  useAnothersSession(me);
  useSettingsEvents();
  const isAdmin = useCan("admin");
  // On a phone an open conversation has the whole window: its composer stands where the bar was.
  const inChat = useMatches({ select: (matches) => matches.some((match) => match.routeId.endsWith("/$chatId")) });
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only z-60 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        {t("common.skip_to_content")}
      </a>
      <NavRail />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <ConnectionBanner />
        {isAdmin && (
          <Suspense>
            <CreditBanner />
          </Suspense>
        )}
        <main id="content" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      <BottomBar className={cx(inChat && "hidden")} />
      <Suspense>
        <Background />
      </Suspense>
    </div>
  );
}

/** To sign-in and back to where one was; nothing that was typed is lost, because drafts are stored. */
function useEndedSession(): void {
  const router = useRouter();
  useEffect(
    () =>
      sessionExpired.subscribe(() => {
        const { href, pathname } = router.state.location;
        if (pathname === "/sign-in") return;
        // Only then: until it is gone, this page asks who is signed in.
        void router
          .navigate({ to: "/sign-in", search: { return_to: href, ended: "1" } })
          .then(() => queryClient.removeQueries({ queryKey: keys.me }));
      }),
    [router],
  );
}
