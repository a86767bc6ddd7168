package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Profile;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether each standby that the file names can be reached, and is a standby of this server; and whether a swap sees the
 * readers there.
 */
public final class ReplicasCheck {
    private static final String NAME = "replicas";
    private static final String SYSTEM = "SELECT system_identifier::text FROM pg_catalog.pg_control_system()";

    private ReplicasCheck() {}

    /** Opens a session to a standby, named as in the file. */
    @FunctionalInterface
    public interface Opener {
        Connection open(String url) throws SQLException;
    }

    /**
     * What is wrong with them.
     *
     * @param connection to the primary, in autocommit
     */
    public static List<Finding> look(Connection connection, Backfill backfill, Opener opener) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < backfill.replicas().size(); i++) {
            try (Connection standby = opener.open(backfill.replicas().get(i))) {
                standby(connection, standby, "replicas." + i, findings);
                if (!backfill.fills() && !backfill.rebuild().merges()) {
                    readers(standby, "replicas." + i, findings);
                }
            } catch (SQLException e) {
                findings.add(unreachable(
                        backfill.profile(),
                        "replicas." + i + " cannot be reached: "
                                + SqlFailures.explain(e).getMessage()));
            }
        }
        return findings;
    }

    private static void standby(Connection primary, Connection standby, String place, List<Finding> findings)
            throws SQLException {
        if (!Query.of(standby, "SELECT pg_is_in_recovery()").truth()) {
            findings.add(Finding.error(
                    NAME,
                    place + " is no standby: it takes writes itself",
                    "what happens there says nothing about this server's standbys",
                    "correct its URL, or take it out"));
        } else if (!Query.of(standby, SYSTEM)
                .text()
                .equals(Query.of(primary, SYSTEM).text())) {
            findings.add(Finding.error(
                    NAME,
                    place + " is a standby of another server",
                    "what happens there says nothing about this server's standbys",
                    "correct its URL"));
        }
    }

    private static void readers(Connection standby, String place, List<Finding> findings) throws SQLException {
        Privilege sees = Privilege.toSeeOthers(standby);
        if (!sees.held()) {
            String role = Query.of(standby, "SELECT quote_ident(current_user)").text();
            findings.add(Finding.error(
                    NAME, place + ": " + sees.what(), sees.why(), sees.grantTo(role) + ", on the primary"));
        }
    }

    private static Finding unreachable(Profile profile, String what) {
        String why = "what cannot be seen there is a reason to wait, so the run would not go on";
        String fix = "correct its URL or its password, or let this machine and role in; or take it out";
        return profile == Profile.PROD
                ? Finding.error(NAME, what, why, fix)
                : Finding.warning(NAME, what, why + "; the profile prod refuses it", fix);
    }
}
