package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WebAddressTest {
    private static final Environment ENVIRONMENT = new Environment() {
        @Override
        public @Nullable String variable(String name) {
            return Map.of(
                            "PASSWORD",
                            "p@ss/word",
                            "TOKEN",
                            "t0ken",
                            "WHOLE",
                            "https://u:pw@host/x?k=v",
                            "BAD",
                            "http:// pw@")
                    .get(name);
        }

        @Override
        public Path home() {
            return Path.of(".");
        }

        @Override
        public String userName() {
            return "user";
        }
    };

    private static WebAddress.Target target(String written) {
        return WebAddress.parse(written).orElseThrow().target(ENVIRONMENT);
    }

    private static String authorization(String written) {
        return Objects.requireNonNull(target(written).authorization()).reveal();
    }

    @Test
    void user_and_password_become_a_header_and_placeholders_what_they_stand_for() {
        assertThat(target("http://prom:9090/a?token=${TOKEN}").uri()).hasToString("http://prom:9090/a?token=t0ken");
        assertThat(target("http://prom:9090").authorization()).isNull();
        assertThat(target("https://neap:${PASSWORD}@prom/a").uri()).hasToString("https://prom/a");
        assertThat(authorization("https://neap:${PASSWORD}@prom/a")).isEqualTo("Basic bmVhcDpwQHNzL3dvcmQ=");
        assertThat(target("${WHOLE}").uri()).hasToString("https://host/x?k=v");
        assertThat(authorization("${WHOLE}")).isEqualTo("Basic dTpwdw==");
    }

    @Test
    void nothing_that_may_be_a_secret_is_shown() {
        assertThat(WebAddress.parse("https://neap:secret@prom/a?token=secret"))
                .hasToString("Optional[https://neap:***@prom/a?…]");
        assertThat(target("https://neap:${PASSWORD}@prom/a").toString()).doesNotContain("p@ss", "bmVhc");
        assertThatThrownBy(() -> target("${BAD}"))
                .isInstanceOf(BackfillException.class)
                .hasMessageContaining("${BAD} is no URL that can be asked")
                .hasMessageNotContaining("pw");
        assertThatThrownBy(() -> target("http://prom/${NOT_SET}")).hasMessageContaining("NOT_SET is not set");
    }

    @Test
    void what_is_no_url_is_refused() {
        assertThat(WebAddress.parse("ftp://prom")).isEmpty();
        assertThat(WebAddress.parse("prom:9090")).isEmpty();
        assertThat(WebAddress.parse("http://neap:pw@prom").orElseThrow().plainPassword())
                .isTrue();
        assertThat(WebAddress.parse("http://neap:${PW}@prom").orElseThrow().plainPassword())
                .isFalse();
    }
}
