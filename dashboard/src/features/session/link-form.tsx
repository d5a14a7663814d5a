import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Me } from "@/api/types";
import { Button, buttonClass } from "@/components/ui/button";
import { CommandLine } from "@/features/session/command-line";
import { OutsidePage } from "@/features/session/outside-page";
import { useEnter } from "@/features/session/use-enter";
import { errorText } from "@/lib/error-text";
import { api, ApiError } from "@/lib/http";
import { useT } from "@/lib/i18n";

/** A link that signs in once. A button spends it, because what previews links opens them too. */
export function LinkForm({ token, returnTo }: { token: string; returnTo: string | undefined }) {
  const t = useT();
  const enter = useEnter(returnTo);
  const signIn = useMutation({
    mutationFn: () => api.post<Me>("/api/v1/session/link", { token }, { anonymous: true }),
    onSuccess: enter,
  });
  const refused = signIn.error instanceof ApiError && [401, 403, 422].includes(signIn.error.status);
  if (refused) {
    return (
      <OutsidePage title={t("session.link_refused")} text={t("session.link_refused_text")}>
        <CommandLine />
        <Link to="/sign-in" search={{}} className={buttonClass("secondary", "lg")}>
          {t("session.to_password")}
        </Link>
      </OutsidePage>
    );
  }
  return (
    <OutsidePage title={t("session.link_title")} text={t("session.link_text")}>
      <Button variant="primary" size="lg" pending={signIn.isPending} onClick={() => signIn.mutate()}>
        {t("session.sign_in")}
      </Button>
      {signIn.error && (
        <p role="alert" className="text-danger">
          {errorText(signIn.error)}
        </p>
      )}
    </OutsidePage>
  );
}
