import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { buttonClass } from "@/components/ui/button";
import { ErrorState } from "@/components/ui/error-state";
import { Skeleton } from "@/components/ui/skeleton";
import { InvitationForm } from "@/features/session/invitation-form";
import { OutsidePage } from "@/features/session/outside-page";
import { api, ApiError } from "@/lib/http";
import { useT } from "@/lib/i18n";

interface Invitation {
  email: string;
  name: string;
  domain_display_name: string;
}

/** Where an invited person chooses a name and a password. */
export function InvitationPage() {
  const t = useT();
  const token = useSearch({ from: "/invitation" })["token"] ?? "";
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => api.get<Invitation>("/api/v1/invitation", { token }, { anonymous: true }),
    enabled: token !== "",
    staleTime: Infinity,
  });
  const refused = invitation.error instanceof ApiError && !invitation.error.temporary;
  if (token === "" || refused) {
    return (
      <OutsidePage title={t("session.invitation_bad_title")} text={t("session.invitation_bad_text")}>
        <Link to="/sign-in" search={{}} className={buttonClass("secondary", "lg")}>
          {t("session.to_password")}
        </Link>
      </OutsidePage>
    );
  }
  if (invitation.error) {
    return (
      <OutsidePage title={t("common.error_title")}>
        <ErrorState inline error={invitation.error} onRetry={() => void invitation.refetch()} />
      </OutsidePage>
    );
  }
  const known = invitation.data;
  if (!known) {
    return (
      <OutsidePage title={t("common.loading")}>
        <Skeleton className="h-10" />
        <Skeleton className="h-10" />
        <Skeleton className="h-10" />
      </OutsidePage>
    );
  }
  return (
    <OutsidePage
      title={t("session.invitation_title", { business: known.domain_display_name })}
      text={t("session.invitation_text", { email: known.email })}
    >
      <InvitationForm token={token} email={known.email} name={known.name} />
    </OutsidePage>
  );
}
