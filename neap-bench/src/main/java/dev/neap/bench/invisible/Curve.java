package dev.neap.bench.invisible;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How many times as long the slowest request in a hundred takes at each speed of the work: never less at a higher one. What
 * was measured the other way round is chance, and both speeds get their mean (isotonic regression by pooling adjacent
 * violators; Ayer et al., 1955).
 */
final class Curve {
    private final List<Point> points;

    /**
     * What was measured at one speed.
     *
     * @param rowsPerSecond the speed, at least 0
     * @param ratio how many times as long
     */
    record Point(double rowsPerSecond, double ratio) {}

    private Curve(List<Point> points) {
        this.points = points;
    }

    /** @param measured in any order, at least one */
    static Curve through(List<Point> measured) {
        List<List<Point>> pools = new ArrayList<>();
        measured.stream()
                .sorted(Comparator.comparingDouble(Point::rowsPerSecond))
                .forEach(point -> {
                    List<Point> pool = new ArrayList<>(List.of(point));
                    while (!pools.isEmpty() && mean(pools.get(pools.size() - 1)) > mean(pool)) {
                        pool.addAll(0, pools.remove(pools.size() - 1));
                    }
                    pools.add(pool);
                });
        List<Point> points = new ArrayList<>();
        for (List<Point> pool : pools) {
            pool.forEach(point -> points.add(new Point(point.rowsPerSecond(), mean(pool))));
        }
        return new Curve(List.copyOf(points));
    }

    private static double mean(List<Point> pool) {
        return pool.stream().mapToDouble(Point::ratio).average().orElseThrow();
    }

    /**
     * The highest speed, in rows per second, at which it takes at most so many times as long, on straight lines between what
     * was measured: the highest that was measured where each is within it, and 0 where none is.
     */
    double highestWithin(double ratio) {
        double highest = 0;
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            if (point.ratio() > ratio) {
                return i == 0 ? 0 : between(points.get(i - 1), point, ratio);
            }
            highest = point.rowsPerSecond();
        }
        return highest;
    }

    private static double between(Point within, Point over, double ratio) {
        double part = (ratio - within.ratio()) / (over.ratio() - within.ratio());
        return within.rowsPerSecond() + part * (over.rowsPerSecond() - within.rowsPerSecond());
    }
}
