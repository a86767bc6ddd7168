package dev.neap.testkit.fill;

import org.jspecify.annotations.Nullable;

/**
 * What the model knows of one key.
 *
 * @param source the source's row
 * @param shown the row that the target must have been made from: the source's, unless the conflict rule keeps another
 * @param owner who must have written the target
 * @param remark what the application alone has put into the target
 */
record Kept(
        Person source, Person shown, Owner owner, @Nullable String remark) {
    /** The application's own row is there for certain, or an old one: whoever updates it must hit it. */
    boolean stands() {
        return owner == Owner.APPLICATION || owner == Owner.OLD;
    }

    Kept by(Owner other) {
        return new Kept(source, shown, other, remark);
    }

    Kept remarked(String text) {
        return new Kept(source, shown, owner, text);
    }
}
