package dev.neap.postgres.shadow;

/**
 * A lock that the swap takes.
 *
 * @param relation the table, schema and name quoted
 * @param oid its OID; zero for the shadow, which is not there yet
 * @param mode as SQL says it: `ACCESS EXCLUSIVE`
 * @param only whether LOCK TABLE must say ONLY, or it would lock every partition
 * @param sequence whether it is a sequence: LOCK TABLE cannot take it, {@link ShadowDefinition#beforeDetach()} does
 * @param why what takes it
 */
public record LockNeed(String relation, long oid, String mode, boolean only, boolean sequence, String why) {
    /** The statement that takes it; not for a sequence. */
    public String sql() {
        if (sequence) {
            throw new IllegalStateException("LOCK TABLE cannot lock the sequence " + relation);
        }
        return "LOCK TABLE " + (only ? "ONLY " : "") + relation + " IN " + mode + " MODE";
    }
}
