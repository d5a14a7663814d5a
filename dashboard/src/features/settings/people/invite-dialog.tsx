import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Person, Role } from "@/api/types";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import { FormDialog } from "@/features/settings/parts/form-dialog";
import { serverErrors } from "@/features/settings/parts/server-errors";
import type { Invitation } from "@/features/settings/people/invitation-dialog";
import { ROLES } from "@/features/settings/people/roles";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys, queryClient } from "@/lib/query";

interface Invited {
  person: Person;
  invitation_url: string;
  expires_at: string;
}

export function InviteDialog({ onInvited, onClose }: { onInvited: (made: Invitation) => void; onClose: () => void }) {
  const t = useT();
  const isOwner = useCan("owner");
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const [tried, setTried] = useState(false);
  const invite = useMutation({
    mutationFn: () => api.post<Invited>("/api/v1/people", { email: email.trim(), name: name.trim(), role }),
    onSuccess: ({ person, invitation_url, expires_at }) => {
      queryClient.setQueryData<Person[]>(keys.people, (all) => all && [...all, person]);
      void queryClient.invalidateQueries({ queryKey: keys.people });
      onInvited({ email: person.email, invitation_url, expires_at });
    },
  });
  const wrong = serverErrors(invite.error, ["e-mail", "name", "role"], "e-mail");
  const bad = !/^\S+@\S+\.\S+$/.test(email.trim());
  return (
    <FormDialog
      title={t("settings.invite_title")}
      description={t("settings.invite_text")}
      action={t("settings.invite_action")}
      dirty={email !== "" || name !== ""}
      pending={invite.isPending}
      error={wrong.rest}
      size="sm"
      onSubmit={() => {
        setTried(true);
        if (!bad) invite.mutate();
      }}
      onClose={onClose}
    >
      <Field label={t("session.email")} error={tried && bad ? t("settings.email_bad") : wrong.fields["e-mail"]} required>
        {(control) => (
          <Input {...control} type="email" inputMode="email" autoComplete="off" dir="ltr" maxLength={254} value={email} onChange={(event) => setEmail(event.target.value)} />
        )}
      </Field>
      <Field label={t("common.name")} optional error={wrong.fields.name}>
        {(control) => <Input {...control} autoComplete="off" maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />}
      </Field>
      <Field label={t("settings.role")} description={t(`settings.role_${role}_text`)} error={wrong.fields.role}>
        {(control) => (
          <Select {...control} value={role} onChange={setRole}
            options={ROLES.filter((each) => isOwner || each !== "owner").map((each) => ({ value: each, label: t(`common.role_${each}`) }))} />
        )}
      </Field>
    </FormDialog>
  );
}
