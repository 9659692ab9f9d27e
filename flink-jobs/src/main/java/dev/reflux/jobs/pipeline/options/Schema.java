package dev.reflux.jobs.pipeline.options;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The options of one mapping in the file, and how they become an object. */
record Schema(List<OptionSpec> options, Factory factory) {

    /** The key that chooses a variant. */
    static final String TYPE = "type";

    private static final ClassValue<Schema> SCHEMAS = new ClassValue<>() {
        @Override
        protected Schema computeValue(Class<?> type) {
            return ofRecord(type);
        }
    };

    @FunctionalInterface
    interface Factory {
        /** @throws IllegalArgumentException when a rule between options is broken */
        Object create(Map<String, Object> values);
    }

    static Schema of(Class<?> record) {
        return SCHEMAS.get(record);
    }

    static <T> Schema of(Catalog<T> catalog, String name) {
        return new Schema(catalog.options(name), values -> catalog.create(name, values));
    }

    Optional<OptionSpec> option(String name) {
        return options.stream().filter(spec -> spec.name().equals(name)).findFirst();
    }

    List<String> names() {
        return options.stream().map(OptionSpec::name).toList();
    }

    /** The records of a sealed interface by the name that chooses them, in the order of the source. */
    static Map<String, Class<?>> variants(Class<?> sealed) {
        Map<String, Class<?>> variants = new LinkedHashMap<>();
        for (Class<?> permitted : sealed.getPermittedSubclasses()) {
            Variant variant = permitted.getAnnotation(Variant.class);
            if (variant == null) {
                throw new IllegalStateException(permitted.getName() + " has no @Variant");
            }
            variants.put(variant.value(), permitted);
        }
        return variants;
    }

    /** Whether values of the type are read from a mapping with fixed keys. */
    static boolean isObject(Type type) {
        return type instanceof Class<?> cls && (isVariants(cls) || (cls.isRecord() && isAnnotated(cls)));
    }

    static boolean isVariants(Class<?> type) {
        return type.isSealed() && type.isInterface();
    }

    static boolean isList(Type type) {
        return type instanceof ParameterizedType generic && generic.getRawType() == List.class;
    }

    static boolean isMap(Type type) {
        return type instanceof ParameterizedType generic && generic.getRawType() == Map.class;
    }

    /** Type of a list's elements or a map's values. */
    static Type elementType(Type type) {
        Type[] arguments = ((ParameterizedType) type).getActualTypeArguments();
        return arguments[arguments.length - 1];
    }

    /** The class of a list's elements or a map's values. */
    static Class<?> elementClass(Type type) {
        return (Class<?>) elementType(type);
    }

    private static boolean isAnnotated(Class<?> record) {
        return record.isAnnotationPresent(Variant.class)
                || Arrays.stream(record.getRecordComponents())
                        .anyMatch(component -> component.isAnnotationPresent(Option.class));
    }

    private static Schema ofRecord(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Constructor<?> constructor;
        try {
            constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(type.getName() + " has no canonical constructor", e);
        }
        List<OptionSpec> options = new ArrayList<>();
        for (RecordComponent component : components) {
            options.add(OptionSpec.of(component));
        }
        return new Schema(List.copyOf(options), values -> {
            @Nullable Object[] arguments = new Object[components.length];
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = values.get(components[i].getName());
            }
            return construct(constructor, arguments);
        });
    }

    private static Object construct(Constructor<?> constructor, @Nullable Object[] arguments) {
        try {
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException rule) {
                throw rule;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(constructor + " cannot be called", e);
        }
    }
}
