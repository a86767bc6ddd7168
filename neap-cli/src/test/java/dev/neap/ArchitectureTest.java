package dev.neap;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** The layout of the modules, held by a test. It lives here because the command line sees every module. */
class ArchitectureTest {

    private static final JavaClasses NEAP = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.neap");

    /** Every package of neap-core. A new one is added here, or {@link #each_package_has_a_place()} fails. */
    private static final String[] CORE = {
        "dev.neap.backfill..",
        "dev.neap.control..",
        "dev.neap.dialect..",
        "dev.neap.fill..",
        "dev.neap.library..",
        "dev.neap.parity..",
        "dev.neap.plan..",
        "dev.neap.preflight..",
        "dev.neap.preview..",
        "dev.neap.rebuild..",
        "dev.neap.rehearse..",
        "dev.neap.run..",
        "dev.neap.throttle..",
        "dev.neap.transform..",
        "dev.neap.verify..",
        "dev.neap.window.."
    };

    private static final String POSTGRES = "dev.neap.postgres..";
    private static final String MYSQL = "dev.neap.mysql..";
    private static final String SERVER = "dev.neap.server..";
    private static final String TESTKIT = "dev.neap.testkit..";
    private static final String CLI = "dev.neap.cli..";

    @Test
    void each_package_has_a_place() {
        assertThat(NEAP).isNotEmpty();
        check(noClasses()
                .should()
                .resideOutsideOfPackages(concat(CORE, POSTGRES, MYSQL, SERVER, TESTKIT, CLI))
                .because("a package that no rule names is a package that no rule holds"));
    }

    @Test
    void core_knows_no_vendor_and_no_command_line() {
        check(noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        POSTGRES,
                        MYSQL,
                        SERVER,
                        TESTKIT,
                        CLI,
                        "com.sun.net.httpserver..",
                        "io.micrometer..",
                        "org.postgresql..",
                        "org.mariadb..",
                        "picocli..",
                        "me.tongfei..",
                        "io.zonky.."));
    }

    @Test
    void core_knows_no_way_of_logging_but_slf4j() {
        check(noClasses()
                .that()
                .resideInAnyPackage(concat(CORE, POSTGRES, MYSQL))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ch.qos.logback..", "java.util.logging.."));
    }

    @Test
    void a_dialect_knows_no_command_line_and_no_tests() {
        check(noClasses()
                .that()
                .resideInAnyPackage(POSTGRES, MYSQL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SERVER, TESTKIT, CLI, "picocli..", "me.tongfei..", "io.zonky.."));
    }

    @Test
    void the_server_knows_core_alone() {
        check(noClasses()
                .that()
                .resideInAPackage(SERVER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        POSTGRES, MYSQL, TESTKIT, CLI, "java.sql..", "org.postgresql..", "org.mariadb..", "picocli.."));
    }

    @Test
    void a_dialect_never_sees_another() {
        check(noClasses()
                .that()
                .resideInAPackage(POSTGRES)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(MYSQL, "org.mariadb.."));
        check(noClasses()
                .that()
                .resideInAPackage(MYSQL)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POSTGRES, "org.postgresql.."));
    }

    @Test
    void the_test_kit_knows_no_dialect_and_no_command_line() {
        check(noClasses()
                .that()
                .resideInAPackage(TESTKIT)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(POSTGRES, MYSQL, SERVER, CLI));
    }

    @Test
    void the_product_does_not_lean_on_the_test_kit() {
        check(noClasses()
                .that()
                .resideInAPackage(CLI)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TESTKIT));
    }

    @Test
    void only_the_command_line_ends_the_process() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage(CLI)
                .should()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class));
    }

    @Test
    void only_the_command_line_speaks_to_the_terminal() {
        check(noClasses()
                .that()
                .resideInAnyPackage(concat(CORE, POSTGRES, MYSQL, SERVER))
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err"));
    }

    @Test
    void what_the_user_declares_needs_no_database() {
        check(noClasses()
                .that()
                .resideInAPackage("dev.neap.backfill..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.jdbi.."));
    }

    @Test
    void packages_of_core_form_no_cycle() {
        check(slices().matching("dev.neap.(*)..").should().beFreeOfCycles());
    }

    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(NEAP);
    }

    private static String[] concat(String[] some, String... more) {
        String[] all = new String[some.length + more.length];
        System.arraycopy(some, 0, all, 0, some.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }
}
