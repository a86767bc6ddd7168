package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionsTest {
    @TempDir
    Path home;

    @Test
    void a_whole_url_says_everything() {
        for (String scheme : new String[] {"postgresql:", "postgres:", "jdbc:postgresql:"}) {
            ConnectionTarget target = resolve(scheme + "//app:p%40ss%2Fword@db.example:6432/shop?sslmode=require");

            assertThat(target.printable()).isEqualTo("postgresql://app@db.example:6432/shop");
            assertThat(password(target)).isEqualTo("p@ss/word");
            assertThat(target.options()).isEqualTo(Map.of("sslmode", "require"));
        }
    }

    @Test
    void mariadb_is_reached_by_three_schemes_and_needs_no_more_than_its_url() {
        for (String scheme : new String[] {"mariadb:", "jdbc:mariadb:", "mysql:"}) {
            ConnectionTarget target = resolve(scheme + "//app:p%40ss@db.example/shop?sslMode=verify-full");

            assertThat(target.printable()).isEqualTo("mariadb://app@db.example:3306/shop");
            assertThat(password(target)).isEqualTo("p@ss");
            assertThat(target.options()).isEqualTo(Map.of("sslMode", "verify-full"));
        }
    }

    @Test
    void of_the_environment_mariadb_takes_only_its_own_password() {
        Environment environment =
                FakeEnvironment.of("PGHOST", "db", "PGUSER", "other", "PGPASSWORD", "not this", "MYSQL_PWD", "this");

        ConnectionTarget target = Connections.resolve("mariadb://app@h/shop", environment);

        assertThat(target.printable()).isEqualTo("mariadb://app@h:3306/shop");
        assertThat(password(target)).isEqualTo("this");
    }

    @Test
    void a_jdbc_url_may_name_the_user_in_its_query() {
        ConnectionTarget target = resolve("jdbc:postgresql://db/shop?user=app&password=a%26b");

        assertThat(target.printable()).isEqualTo("postgresql://app@db:5432/shop");
        assertThat(password(target)).isEqualTo("a&b");
        assertThat(target.options()).isEmpty();
    }

    @Test
    void options_get_the_names_that_the_driver_knows() {
        assertThat(resolve("postgres://h/d?connect_timeout=5&channel_binding=require")
                        .options())
                .isEqualTo(Map.of("connectTimeout", "5", "channelBinding", "require"));
    }

    @Test
    void an_ipv6_address_stands_in_brackets() {
        ConnectionTarget target = resolve("postgresql://app@[2001:db8::1]:6432/shop");

        assertThat(target.host()).isEqualTo("2001:db8::1");
        assertThat(target.port()).isEqualTo(6432);
    }

    @Test
    void what_the_url_does_not_say_comes_from_the_pg_variables() {
        Environment environment = FakeEnvironment.of(
                "PGHOST",
                "db",
                "PGPORT",
                "6432",
                "PGUSER",
                "app",
                "PGDATABASE",
                "shop",
                "PGPASSWORD",
                "pw",
                "PGSSLMODE",
                "verify-full");

        ConnectionTarget nothing = Connections.resolve("", environment);
        ConnectionTarget some = Connections.resolve("postgresql://eve@other/?sslmode=disable", environment);

        assertThat(nothing.printable()).isEqualTo("postgresql://app@db:6432/shop");
        assertThat(password(nothing)).isEqualTo("pw");
        assertThat(nothing.options()).isEqualTo(Map.of("sslmode", "verify-full"));
        assertThat(some.printable()).isEqualTo("postgresql://eve@other:6432/shop");
        assertThat(some.options()).isEqualTo(Map.of("sslmode", "disable"));
    }

    @Test
    void without_anything_it_is_ones_own_database_on_this_machine() {
        assertThat(resolve("").printable()).isEqualTo("postgresql://ada@localhost:5432/ada");
        assertThat(resolve("").password()).isNull();
    }

    @Test
    void placeholders_stand_for_variables_and_files() throws IOException {
        Path secret = Files.writeString(home.resolve("secret"), "p@ss:/w?rd%\n");
        Environment environment =
                new FakeEnvironment(Map.of("WHO", "app", "WHERE", "db:6432", "PW", "p@ss:/w?rd%"), home);

        for (String password : new String[] {"${PW}", "${file:" + secret + "}", "${file:~/secret}"}) {
            ConnectionTarget target =
                    Connections.resolve("postgresql://${WHO}:" + password + "@${WHERE}/shop", environment);

            assertThat(target.printable()).isEqualTo("postgresql://app@db:6432/shop");
            assertThat(password(target)).isEqualTo("p@ss:/w?rd%");
        }
    }

    @Test
    void a_placeholder_may_stand_for_the_whole_url() {
        ConnectionTarget target =
                Connections.resolve("${URL}", FakeEnvironment.of("URL", "postgres://app:p%40ss@db/shop"));

        assertThat(target.printable()).isEqualTo("postgresql://app@db:5432/shop");
        assertThat(password(target)).isEqualTo("p@ss");
    }

    @Test
    void the_password_file_gives_the_first_line_that_matches() throws IOException {
        passwordFile("# comment\nother:*:*:*:wrong\ndb:5432:shop:a\\:b:r\\:i\\\\ght\n*:*:*:*:late\n", "rw-------");

        assertThat(password(resolve("postgresql://a%3Ab@db/shop"))).isEqualTo("r:i\\ght");
        assertThat(password(resolve("postgresql://eve@db/shop"))).isEqualTo("late");
    }

    @Test
    void a_password_file_that_others_may_read_is_not_used() throws IOException {
        passwordFile("*:*:*:*:secret\n", "rw-r-----");

        assertThat(resolve("postgresql://app@db/shop").password()).isNull();
    }

    @Test
    void pgpassfile_names_another_password_file() throws IOException {
        Path other = Files.writeString(home.resolve("other"), "*:*:*:*:there\n");
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rw-------"));

        assertThat(password(
                        Connections.resolve("postgresql://h/d", FakeEnvironment.of("PGPASSFILE", other.toString()))))
                .isEqualTo("there");
    }

    @Test
    void what_cannot_be_understood_says_what_to_write_and_repeats_no_secret() {
        for (String wrong : new String[] {
            "host=db dbname=hunter2",
            "oracle://app:hunter2@db/shop",
            "jdbc:oracle:hunter2",
            "mariadb://app:hunter2@db",
            "mariadb://app:hunter2@db:port/shop",
            "postgresql://app:hunter2@db:port/shop",
            "postgresql://app:hunter2/x@db:99999/shop",
            "postgresql://app:hunter2%@db/shop",
            "postgresql://app:hunter2@one,two/shop",
            "postgresql://app:hunter2@[::1/shop",
            "postgresql://app:hunter2@db/shop?host=/run/postgresql"
        }) {
            assertThatThrownBy(() -> resolve(wrong))
                    .isInstanceOf(BackfillException.class)
                    .message()
                    .isNotBlank()
                    .doesNotContain("hunter2");
        }
    }

    @Test
    void a_placeholder_that_stands_for_nothing_is_named() {
        assertThatThrownBy(() -> Connections.resolve("postgresql://${WHO}@db", FakeEnvironment.of("WHO", "")))
                .hasMessageContaining("WHO is empty");
        assertThatThrownBy(() -> resolve("${file:secret}")).hasMessageContaining("needs an absolute path");
        assertThatThrownBy(() -> resolve("${file:/nonexistent/x}")).hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> resolve("${a b}")).hasMessageContaining("is no placeholder");
    }

    @Test
    void masking_hides_what_was_typed_and_keeps_placeholders() {
        assertThat(Connections.mask("postgresql://app:hunter2@db/shop?password=x&a=b"))
                .isEqualTo("postgresql://app:***@db/shop?password=***&a=b");
        assertThat(Connections.mask("postgresql://app:${PW}@db/shop")).isEqualTo("postgresql://app:${PW}@db/shop");
    }

    private ConnectionTarget resolve(String url) {
        return Connections.resolve(url, new FakeEnvironment(Map.of(), home));
    }

    private void passwordFile(String text, String permissions) throws IOException {
        Path file = Files.writeString(home.resolve(".pgpass"), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    private static String password(ConnectionTarget target) {
        return target.password().reveal();
    }
}
