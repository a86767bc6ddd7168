package dev.neap.bench;

import java.sql.Connection;
import java.util.Locale;
import java.util.Map;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.Job;
import org.springframework.batch.core.JobExecution;
import org.springframework.batch.core.JobParameters;
import org.springframework.batch.core.Step;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.launch.support.TaskExecutorJobLauncher;
import org.springframework.batch.core.repository.support.ResourcelessJobRepository;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.item.database.JdbcBatchItemWriter;
import org.springframework.batch.item.database.JdbcPagingItemReader;
import org.springframework.batch.item.database.Order;
import org.springframework.batch.item.database.builder.JdbcBatchItemWriterBuilder;
import org.springframework.batch.item.database.builder.JdbcPagingItemReaderBuilder;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * The same fill as a job of Spring Batch at its best: a paged reader by the key, a batch writer whose rows the driver
 * rewrites into one statement, and a job repository that costs nothing (and so cannot be restarted).
 */
final class SpringBatchFill {
    /** The fastest of 1,000, 5,000 and 10,000 here. */
    private static final int CHUNK = 10_000;

    private SpringBatchFill() {}

    private record Legacy(long id, String fullName, String email) {}

    private record User(long id, String firstName, String lastName, String email) {}

    /** @param rewriting a connection with {@code reWriteBatchedInserts} */
    static void run(Connection rewriting) {
        SingleConnectionDataSource source = new SingleConnectionDataSource(rewriting, true);
        try {
            JdbcPagingItemReader<Legacy> reader = reader(source);
            reader.afterPropertiesSet();
            ResourcelessJobRepository repository = new ResourcelessJobRepository();
            Step step = new StepBuilder("fill", repository)
                    .<Legacy, User>chunk(CHUNK, new DataSourceTransactionManager(source))
                    .reader(reader)
                    .processor(SpringBatchFill::made)
                    .writer(writer(source))
                    .build();
            Job job = new JobBuilder("fill", repository).start(step).build();
            TaskExecutorJobLauncher launcher = new TaskExecutorJobLauncher();
            launcher.setJobRepository(repository);
            launcher.afterPropertiesSet();
            JobExecution done = launcher.run(job, new JobParameters());
            if (!ExitStatus.COMPLETED.getExitCode().equals(done.getExitStatus().getExitCode())) {
                throw new IllegalStateException(done.getExitStatus().getExitDescription());
            }
        } catch (Exception e) {
            throw new IllegalStateException("Spring Batch: " + e.getMessage(), e);
        }
    }

    private static JdbcPagingItemReader<Legacy> reader(SingleConnectionDataSource source) throws Exception {
        return new JdbcPagingItemReaderBuilder<Legacy>()
                .name("legacy")
                .dataSource(source)
                .selectClause("SELECT id, full_name, email")
                .fromClause("FROM users_legacy")
                .sortKeys(Map.of("id", Order.ASCENDING))
                .pageSize(CHUNK)
                .fetchSize(CHUNK)
                .saveState(false)
                .rowMapper((row, number) -> new Legacy(row.getLong(1), row.getString(2), row.getString(3)))
                .build();
    }

    private static JdbcBatchItemWriter<User> writer(SingleConnectionDataSource source) {
        JdbcBatchItemWriter<User> writer = new JdbcBatchItemWriterBuilder<User>()
                .dataSource(source)
                .sql(SeedLoop.INSERT)
                .assertUpdates(false)
                .itemPreparedStatementSetter((user, statement) -> {
                    statement.setLong(1, user.id());
                    statement.setString(2, user.firstName());
                    statement.setString(3, user.lastName());
                    statement.setString(4, user.email());
                })
                .build();
        writer.afterPropertiesSet();
        return writer;
    }

    private static User made(Legacy legacy) {
        String name = legacy.fullName();
        int blank = name.indexOf(' ');
        return new User(
                legacy.id(),
                name.substring(0, blank),
                name.substring(blank + 1),
                legacy.email().toLowerCase(Locale.ROOT));
    }
}
