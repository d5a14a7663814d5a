import { UserPlus, Users } from "lucide-react";
import { useState } from "react";
import type { Person, Role } from "@/api/types";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { InviteDialog } from "@/features/settings/people/invite-dialog";
import { InvitationDialog, type Invitation } from "@/features/settings/people/invitation-dialog";
import { PersonRow } from "@/features/settings/people/person-row";
import { RolesTable } from "@/features/settings/people/roles-table";
import { useToast } from "@/components/ui/toast";
import { usePeople } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

/** Who works here, and what each may do. */
export function PeopleSection() {
  const t = useT();
  const toast = useToast();
  const may = useCan("admin");
  const people = usePeople();
  const confirm = useConfirm();
  const change = useListChange<Person>(keys.people);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [inviting, setInviting] = useState(false);
  const [invitation, setInvitation] = useState<Invitation | null>(null);

  const setRole = (person: Person, role: Role) =>
    void change({
      now: (items) => items.map((each) => (each.person_id === person.person_id ? { ...each, role } : each)),
      request: () => api.patch(`/api/v1/people/${person.person_id}`, { role }),
      told: t("settings.person_role_changed", { name: person.name || person.email, role: t(`common.role_${role}`) }),
    }).catch(() => undefined);
  const remove = (person: Person, index: number) =>
    confirm.ask({
      title: t("settings.person_remove_title", { name: person.name || person.email }),
      text: t("settings.person_remove_text"),
      action: t("common.remove"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.person_id !== person.person_id),
          request: () => api.delete(`/api/v1/people/${person.person_id}`),
          told: t("settings.person_removed", { name: person.name || person.email }),
        });
        afterRemoval(index);
      },
    });
  const newLink = async (person: Person) => {
    try {
      const made = await api.post<{ invitation_url: string; expires_at: string }>(`/api/v1/people/${person.person_id}/invitation`);
      setInvitation({ ...made, email: person.email });
    } catch (error) {
      toast.error(error);
    }
  };

  return (
    <SectionPage
      title={t("settings.people_title")}
      description={t("settings.people_text")}
      changes="admin"
      actions={
        <Button variant="primary" disabled={!may} onClick={() => setInviting(true)}>
          <UserPlus aria-hidden />
          {t("settings.person_invite")}
        </Button>
      }
    >
      <div ref={ref}>
        <Loaded query={people}>
          {(items) => (
            <Rows label={t("settings.people_title")}>
              {items.map((person, index) => (
                <PersonRow
                  key={person.person_id}
                  person={person}
                  onRole={(role) => setRole(person, role)}
                  onLink={() => void newLink(person)}
                  onRemove={() => remove(person, index)}
                />
              ))}
            </Rows>
          )}
        </Loaded>
      </div>
      {people.data?.length === 1 && (
        <EmptyState icon={Users} title={t("settings.people_alone")} className="py-6">
          {t("settings.people_alone_text")}
        </EmptyState>
      )}
      <RolesTable />
      {inviting && (
        <InviteDialog
          onClose={() => setInviting(false)}
          onInvited={(made) => {
            setInviting(false);
            setInvitation(made);
          }}
        />
      )}
      {invitation && <InvitationDialog invitation={invitation} onClose={() => setInvitation(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}
