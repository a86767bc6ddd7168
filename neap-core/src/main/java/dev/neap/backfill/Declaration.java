package dev.neap.backfill;

import dev.neap.transform.TransformSource;
import java.util.List;

/** The hash of what decides which rows a backfill writes and how: not of pace, profile or assertions. */
final class Declaration {
    private final TextHash hash = new TextHash();

    private Declaration() {}

    static String hash(Backfill backfill) {
        Declaration declaration = new Declaration();
        declaration.hash.add(backfill.name());
        Strategy strategy = backfill.strategy();
        if (strategy instanceof Rebuild rebuild) {
            declaration.add(rebuild);
        } else {
            List<Fill> fills = strategy instanceof Fills several ? several.all() : List.of(backfill.fill());
            declaration.hash.add("fill").add(fills.size());
            fills.forEach(declaration::add);
        }
        return declaration.hash.hex();
    }

    private void add(Fill fill) {
        hash.add(fill.from()).add(fill.into());
        hash.addAll(fill.key());
        hash.addAll(fill.keys().from()).addAll(fill.keys().to());
        hash.add(fill.where()).addAll(fill.set());
        add(fill.reads());
        hash.add(fill.conflict().rule().name()).add(fill.conflict().newer());
        hash.add(fill.alreadyRight());
        TransformSource transform = fill.transform();
        hash.add(transform == null ? null : transform.name()).add(transform == null ? null : transform.sha256());
        hash.add(fill.dualWrite().name());
    }

    private void add(Rebuild rebuild) {
        hash.add("rebuild").add(rebuild.table());
        PartitionRange partitions = rebuild.partitions();
        hash.add(partitions.from()).add(partitions.to()).add(partitions.order().name());
        hash.addAll(rebuild.set()).add(rebuild.alreadyRight());
        hash.add(rebuild.applicationWrites().name()).add(rebuild.writes().name());
        // A shadow that is to be merged has other indexes, and what is half merged cannot be swapped.
        hash.add(rebuild.merges() ? "merge" : "swap");
        SourceRecompute source = rebuild.source();
        hash.add(source == null ? null : source.sql());
        if (source != null) {
            add(source.reads());
            hash.add(source.missing().name());
        }
    }

    private void add(List<TableName> tables) {
        hash.add(tables.size());
        tables.forEach(hash::add);
    }
}
