/** Starts the application. */
import "@/app/theme.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { reloadOnNewVersion } from "@/app/new-version";
import { Providers } from "@/app/providers";
import { router } from "@/app/router";
import { startTheme } from "@/app/theme";
import { startTrustedTypes } from "@/app/trusted-types";
import { startI18n } from "@/lib/i18n";
import { meQuery } from "@/lib/me";
import { startNonce } from "@/lib/nonce";
import { queryClient } from "@/lib/query";

startTrustedTypes();
startNonce();
startTheme();
reloadOnNewVersion();
// Asked at once, while the route's code and the language are on their way.
if (!location.pathname.startsWith("/sign-in") && location.pathname !== "/invitation") {
  queryClient.query(meQuery).catch(() => undefined); // The guard asks again, and says what is wrong.
}
await startI18n();

const root = document.getElementById("root");
if (!root) throw new Error("the page has no place for the application");
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <Providers>
        <RouterProvider router={router} />
      </Providers>
    </QueryClientProvider>
  </StrictMode>,
);
