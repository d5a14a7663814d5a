import { Pencil, Plus, Trash2, UsersRound } from "lucide-react";
import { useState } from "react";
import type { Team } from "@/api/types";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { IconButton } from "@/components/ui/icon-button";
import { Row, Rows } from "@/features/settings/parts/card";
import { useConfirm } from "@/features/settings/parts/confirm";
import { Loaded } from "@/features/settings/parts/loaded";
import { SectionPage } from "@/features/settings/parts/section-page";
import { useListChange } from "@/features/settings/parts/use-list-change";
import { useListFocus } from "@/features/settings/parts/use-list-focus";
import { TeamDialog } from "@/features/settings/teams/team-dialog";
import { useTeams } from "@/lib/directory";
import { api } from "@/lib/http";
import { useT } from "@/lib/i18n";
import { useCan } from "@/lib/me";
import { keys } from "@/lib/query";

const MOST_FACES = 5;

export function TeamsSection() {
  const t = useT();
  const may = useCan("admin");
  const teams = useTeams();
  const confirm = useConfirm();
  const change = useListChange<Team>(keys.teams);
  const { ref, afterRemoval } = useListFocus<HTMLDivElement>();
  const [editing, setEditing] = useState<Team | "new" | null>(null);
  const remove = (team: Team, index: number) =>
    confirm.ask({
      title: t("settings.team_delete_title", { name: team.name }),
      text: t("settings.team_delete_text"),
      action: t("common.delete"),
      run: async () => {
        await change({
          now: (items) => items.filter((each) => each.team_id !== team.team_id),
          request: () => api.delete(`/api/v1/teams/${team.team_id}`),
          told: t("settings.deleted", { name: team.name }),
        });
        afterRemoval(index);
      },
    });
  const create = (
    <Button variant="primary" disabled={!may} onClick={() => setEditing("new")}>
      <Plus aria-hidden />
      {t("settings.team_new")}
    </Button>
  );
  return (
    <SectionPage title={t("settings.teams_title")} description={t("settings.teams_text")} changes="admin" actions={create}>
      <div ref={ref}>
        <Loaded query={teams}>
          {(items) =>
            items.length === 0 ? (
              <EmptyState icon={UsersRound} title={t("settings.teams_empty")}>{t("settings.teams_empty_text")}</EmptyState>
            ) : (
              <Rows label={t("settings.teams_title")}>
                {items.map((team, index) => (
                  <Row key={team.team_id}>
                    <div className="min-w-0 flex-1 basis-40">
                      <div className="truncate font-medium">{team.name}</div>
                      <div className="truncate text-sm text-muted">
                        {team.members.map((each) => each.name || each.email).join(", ") || t("settings.team_nobody")}
                      </div>
                    </div>
                    <span aria-hidden className="flex -space-x-1.5">
                      {team.members.slice(0, MOST_FACES).map((each) => (
                        <Avatar key={each.person_id} name={each.name || each.email} id={each.person_id} size="sm" className="ring-2 ring-surface" />
                      ))}
                    </span>
                    {may && (
                      <span className="flex">
                        <IconButton icon={Pencil} label={t("settings.edit_of", { name: team.name })} onClick={() => setEditing(team)} />
                        <IconButton icon={Trash2} label={t("settings.delete_of", { name: team.name })} onClick={() => remove(team, index)} />
                      </span>
                    )}
                  </Row>
                ))}
              </Rows>
            )
          }
        </Loaded>
      </div>
      {editing && <TeamDialog team={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
      {confirm.dialog}
    </SectionPage>
  );
}
