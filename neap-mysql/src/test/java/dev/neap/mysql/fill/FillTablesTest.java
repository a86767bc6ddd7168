package dev.neap.mysql.fill;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.DualWrite;
import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FillTablesTest {
    @Test
    void a_trigger_in_the_applications_stead_is_refused_before_the_server_is_asked() {
        Fill fill = new Fill(
                new TableName("public", "old"),
                new TableName("public", "person"),
                List.of(),
                Fill.KeyRange.ALL,
                null,
                Map.of("id", "id"),
                List.of(),
                Conflict.KEEP,
                null,
                null,
                DualWrite.TRIGGER);
        Connection nobody = (Connection) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Connection.class}, (unusedProxy, method, unusedArgs) -> {
                    throw new AssertionError("asked: " + method);
                });

        assertThatThrownBy(() -> FillTables.read(nobody, fill))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("not on MariaDB yet: dual_write: trigger");
    }
}
