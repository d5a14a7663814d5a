import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { buttonClass } from "@/components/ui/button";
import { CommandLine } from "@/features/session/command-line";
import { LinkForm } from "@/features/session/link-form";
import { OutsidePage } from "@/features/session/outside-page";
import { PasswordForm } from "@/features/session/password-form";
import { useEnter } from "@/features/session/use-enter";
import { api, query } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { keys } from "@/lib/query";

interface SignInOptions {
  password: boolean;
  oidc: { name: string } | null;
  sandbox: boolean;
}

/** With a password, with the provider, or with a link that `frontdesk` printed. */
export function SignInPage() {
  const t = useT();
  const search = useSearch({ from: "/sign-in" });
  useTitle(t("session.sign_in_title"));
  if (search["token"]) return <LinkForm token={search["token"]} returnTo={search["return_to"]} />;
  return (
    <OutsidePage title={t("session.sign_in_title")} after={<Help />}>
      <Notice search={search} />
      <Ways returnTo={search["return_to"]} />
    </OutsidePage>
  );
}

function Ways({ returnTo }: { returnTo: string | undefined }) {
  const t = useT();
  const enter = useEnter(returnTo);
  const options = useSignInOptions();
  const oidc = options?.oidc;
  return (
    <>
      {(options?.password ?? true) && <PasswordForm onSignedIn={enter} />}
      {oidc && (
        <>
          <div className="flex items-center gap-3 text-sm text-faint before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
            {t("session.or")}
          </div>
          <a href={`/sign-in/oidc${query({ return_to: returnTo ?? "/inbox" })}`} className={buttonClass("secondary", "lg")}>
            {t("session.sign_in_with", { provider: oidc.name })}
          </a>
        </>
      )}
    </>
  );
}

const PROBLEMS = {
  oidc_failed: "session.oidc_failed",
  oidc_unverified: "session.oidc_unverified",
  oidc_unknown: "session.oidc_unknown",
  oidc_unavailable: "session.oidc_unavailable",
  too_many: "session.too_many_error",
} as const;

/** Why one is here. */
function Notice({ search }: { search: Record<string, string> }) {
  const t = useT();
  const provider = useSignInOptions()?.oidc?.name ?? t("session.provider");
  const problem = search["error"];
  if (problem) {
    const key = problem in PROBLEMS ? PROBLEMS[problem as keyof typeof PROBLEMS] : PROBLEMS.oidc_failed;
    return (
      <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-danger">
        {t(key, { provider })}
      </p>
    );
  }
  const text = search["ended"] ? t("session.ended") : search["left"] ? t("session.signed_out") : "";
  if (!text) return null;
  return (
    <p role="status" className="rounded-md bg-info-soft px-3 py-2 text-info">
      {text}
    </p>
  );
}

function useSignInOptions(): SignInOptions | undefined {
  return useQuery({
    queryKey: keys.signInOptions,
    queryFn: () => api.get<SignInOptions>("/api/v1/sign-in-options", undefined, { anonymous: true }),
    staleTime: Infinity,
  }).data;
}

function Help() {
  const t = useT();
  const sandbox = useSignInOptions()?.sandbox ?? false;
  return (
    <>
    <details className="text-sm text-muted">
      <summary className="min-h-6 cursor-pointer font-medium text-ink">{t("session.help_title")}</summary>
      <div className="mt-2 flex flex-col gap-2">
        <p>{t("session.help_invited")}</p>
        <p>{t("session.help_operator")}</p>
        <CommandLine />
      </div>
    </details>
    {sandbox && (
      <a href="/sandbox/phone" target="_blank" rel="noreferrer" className="-mt-3 min-h-6 text-sm font-medium text-accent-ink hover:underline">
        {t("session.open_phone")}
      </a>
    )}
    </>
  );
}

function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Frontdesk`;
  }, [title]);
}
