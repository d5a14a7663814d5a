/** The addresses of the application, and which feature draws each. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { AppFrame } from "@/app/app-frame";
import { CrashPage } from "@/app/crash-page";
import { NotFoundPage } from "@/app/not-found-page";
import { PagePending } from "@/app/page-pending";
import { ApiError, query } from "@/lib/http";
import { withTexts } from "@/lib/i18n";
import { meQuery } from "@/lib/me";
import { queryClient, type Filters } from "@/lib/query";
import { isAnothers } from "@/lib/session";

/** Search parameters are plain strings, as links made elsewhere write them. */
const asFilters = (search: Record<string, unknown>): Filters =>
  Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFoundPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => import("@/features/session/sign-in-page"), "SignInPage"),
});

const invitation = createRoute({
  getParentRoute: () => root,
  path: "/invitation",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => import("@/features/session/invitation-page"), "InvitationPage"),
});

/** Everything that needs someone who is signed in, in the application's frame. */
const app = createRoute({
  getParentRoute: () => root,
  id: "app",
  component: AppFrame,
  beforeLoad: async ({ location }) => {
    const me = await queryClient.query({ ...meQuery, staleTime: "static" }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const search: Filters = location.href === "/inbox" ? {} : { return_to: location.href };
      throw redirect({ to: "/sign-in", search });
    });
    if (await isAnothers(me)) throw redirect({ to: "/inbox", search: {}, reloadDocument: true });
    return { me };
  },
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/inbox", search: {}, replace: true });
  },
});

/** One component for the list with and without an open conversation: it stays when that changes. */
const inbox = createRoute({
  getParentRoute: () => app,
  path: "/inbox",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => import("@/features/inbox/inbox-page"), "InboxPage"),
});
const inboxChat = createRoute({ getParentRoute: () => inbox, path: "$chatId" });

const contacts = createRoute({
  getParentRoute: () => app,
  path: "/contacts",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => withTexts("audience", import("@/features/contacts/contacts-page")), "ContactsPage"),
});
const contact = createRoute({ getParentRoute: () => contacts, path: "$contactId" });

const campaigns = createRoute({
  getParentRoute: () => app,
  path: "/campaigns",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => withTexts("campaigns", import("@/features/campaigns/campaigns-page")), "CampaignsPage"),
});
const campaign = createRoute({ getParentRoute: () => campaigns, path: "$campaignId" });

const settings = createRoute({
  getParentRoute: () => app,
  path: "/settings",
  validateSearch: asFilters,
  component: lazyRouteComponent(() => withTexts("settings", import("@/features/settings/settings-page")), "SettingsPage"),
});
const settingsSection = createRoute({ getParentRoute: () => settings, path: "$section" });

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    signIn,
    invitation,
    app.addChildren([
      inbox.addChildren([inboxChat]),
      contacts.addChildren([contact]),
      campaigns.addChildren([campaign]),
      settings.addChildren([settingsSection]),
    ]),
  ]),
  defaultPreload: "intent",
  defaultPendingComponent: PagePending,
  // A page that comes within a fifth of a second shows without a skeleton before it.
  defaultPendingMs: 200,
  defaultPendingMinMs: 0,
  defaultErrorComponent: CrashPage,
  defaultNotFoundComponent: NotFoundPage,
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => query(asFilters(search)),
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
