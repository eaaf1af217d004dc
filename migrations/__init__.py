"""The two databases as a story: control/ for the control plane's, storefront/ for the shop's."""
