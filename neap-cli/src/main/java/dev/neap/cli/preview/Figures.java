package dev.neap.cli.preview;

import dev.neap.cli.text.Text;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Scope;
import dev.neap.preview.Share;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Shares, numbers and values as people read them, alike on a terminal and on a page. */
final class Figures {
    private static final int MOST_DECIMALS = 6;
    private static final BigDecimal LARGE = BigDecimal.ONE.scaleByPowerOfTen(15);

    private Figures() {}

    /** `61.2 %`; never 0 % where it is some, nor 100 % where it is not all. */
    static String percent(double share) {
        if (share <= 0 || share >= 1) {
            return share <= 0 ? "0 %" : "100 %";
        }
        for (int decimals = 1; decimals < MOST_DECIMALS; decimals++) {
            BigDecimal percent = BigDecimal.valueOf(share * 100).setScale(decimals, RoundingMode.HALF_UP);
            if (percent.signum() > 0 && percent.compareTo(BigDecimal.valueOf(100)) < 0) {
                return percent.toPlainString() + " %";
            }
        }
        return share < 0.5 ? "under 0.00001 %" : "over 99.99999 %";
    }

    /** The bounds of a share, `60.2 to 62.1 %`; empty where every row was looked at. */
    static String bounds(Share share, Scope scope) {
        if (scope.full()) {
            return "";
        }
        return percent(share.low()).replace(" %", "") + " to " + percent(share.high());
    }

    /** A share with its bounds. */
    static String share(Share share, Scope scope) {
        String bounds = bounds(share, scope);
        return percent(share.share()) + (bounds.isEmpty() ? "" : " (" + bounds + ")");
    }

    /** `1,234.50`. */
    static String number(BigDecimal number) {
        BigDecimal size = number.abs();
        if (size.compareTo(LARGE) >= 0
                || (size.signum() > 0 && size.compareTo(BigDecimal.ONE.scaleByPowerOfTen(-MOST_DECIMALS)) < 0)) {
            return number.round(new MathContext(6)).stripTrailingZeros().toString();
        }
        int scale = Math.max(0, Math.min(number.scale(), MOST_DECIMALS));
        return String.format(Locale.ROOT, "%,." + scale + "f", number);
    }

    /** A mean to six digits: the database gives it many more. */
    static String mean(BigDecimal mean) {
        BigDecimal round = mean.round(new MathContext(6)).stripTrailingZeros();
        return number(round.scale() < 0 ? round.setScale(0, RoundingMode.UNNECESSARY) : round);
    }

    /** `+4.5 %` from before to after; empty where there was nothing before. */
    static String growth(BigDecimal before, BigDecimal after) {
        if (before.signum() == 0) {
            return "";
        }
        BigDecimal growth =
                after.subtract(before).multiply(BigDecimal.valueOf(100)).divide(before.abs(), 2, RoundingMode.HALF_UP);
        return (growth.signum() > 0 ? "+" : "") + number(growth) + " %";
    }

    /** How much was looked at, in a sentence. */
    static String scope(Preview preview) {
        Scope scope = preview.scope();
        String took = " in " + Text.duration(preview.took());
        if (scope.full()) {
            return "all " + Text.count(scope.rowsLooked(), "row") + took;
        }
        return Text.count(scope.rowsLooked(), "random row") + " of about " + Text.count(scope.rowsEstimated()) + took;
    }

    /** Where bounds come from; empty where there are none. */
    static String method(Scope scope) {
        return scope.full()
                ? ""
                : "Bounds of shares in brackets hold for 95 % of all samples (Wilson's score interval over "
                        + Text.count(Math.round(scope.effectiveRows()))
                        + " effective rows). Sums and differences are of the sample alone.";
    }

    /** What a kind of change is called. */
    static String kind(Preview.Kind kind) {
        return switch (kind) {
            case CHANGED -> "changed";
            case BECOMES_NULL -> "a value becomes null";
            case NO_LONGER_NULL -> "a null becomes a value";
            case ADDED -> "new";
            case GONE -> "gone";
        };
    }

    static String before(ChangedValue value) {
        return value.hidden() ? "(hidden)" : Text.value(value.before());
    }

    static String after(ChangedValue value) {
        return value.hidden() ? "(hidden)" : Text.value(value.after());
    }

    /** The value of a column that does not change: a new row has one only afterwards. */
    static String only(ChangedValue value, Preview.Kind kind) {
        return kind == Preview.Kind.ADDED ? after(value) : before(value);
    }

    /** A key's column is never null: without a value it is hidden. */
    static String key(KeyValue key) {
        return key.value() == null ? "(hidden)" : Text.value(key.value());
    }
}
