//! Tests under the compiler's own harness; one of them fails.

#[test]
fn passes() {
    println!("hidden");
}

#[test]
#[should_panic(expected = "as it should")]
fn panics() {
    panic!("as it should");
}

#[test]
fn fails() {
    println!("shown");
    assert_eq!(1, 2);
}

#[test]
#[ignore]
fn is_ignored() {}

#[test]
fn returns() -> Result<(), String> {
    Ok(())
}

#[test]
fn prints_in_a_thread() {
    std::thread::spawn(|| println!("hidden")).join().unwrap();
}

macro_rules! more {
    ($($name:ident)*) => {
        $(#[test]
        fn $name() {
            let caught = std::panic::catch_unwind(|| panic!("hidden"));
            assert!(caught.is_err());
        })*
    };
}

more!(a b c d e f g h i j k l m n o p q r s t);
