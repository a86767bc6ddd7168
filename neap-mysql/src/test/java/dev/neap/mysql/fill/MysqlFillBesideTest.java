package dev.neap.mysql.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.Dialect;
import dev.neap.dialect.NeapException;
import dev.neap.mysql.MysqlDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillBesideContract;
import dev.neap.testkit.fill.FillEngine;
import org.junit.jupiter.api.Test;

/** A fill on MariaDB beside an application. */
class MysqlFillBesideTest extends FillBesideContract {
    @Override
    protected Dialect dialect() {
        return new MysqlDialect();
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(MariaDbServer.newest());
    }

    /** What was written while it was gone is not known, and no look would show a row that went stale. */
    @Test
    void a_run_whose_capture_trigger_somebody_dropped_stops_and_says_what_to_do() throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, v int)", "CREATE TABLE t (id int PRIMARY KEY, v int)");
        insert("s", 100, n -> "(" + n + ", " + n + ")");
        String fill = "fill: { from: s, into: t, set: { id: id, v: v } }";
        Probe dropped = at -> {
            if (at == Point.AFTER_FILL) {
                execute("DROP TRIGGER neap_fill_1_u", "UPDATE s SET v = 0 WHERE id = 7");
            }
        };

        assertThatThrownBy(() -> run(fill, dropped))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("lost a trigger")
                .hasMessageContaining("neap stop --abandon");
        assertThatThrownBy(() -> run(fill)).hasMessageContaining("lost a trigger");

        Neap neap = neap(Probe.NONE);
        neap.abandon("contract");
        neap.cleanup();
        assertThat(neap.leftovers()).isEmpty();
    }
}
